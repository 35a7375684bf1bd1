/** Imported first, for its effect: one clear line instead of a syntax error on an old Node. */
const major = Number(process.versions.node.split('.')[0]);

if (major < 20) {
  process.stderr.write(
    `poolscope needs Node 20 or newer, and this is Node ${process.versions.node}: install it from nodejs.org.\n`,
  );
  process.exit(1);
}
