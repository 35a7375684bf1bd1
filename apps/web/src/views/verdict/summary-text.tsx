/** A sentence of a verdict: tags and names of files in the type of the console, what was done to the block marked. */
export function SummaryText({ text }: { readonly text: string }) {
  const [, before = '', deed = '', after = ''] =
    /^(.*? was )(.+?)(, most likely.*|\.|, .*)$/s.exec(text) ?? [];
  if (deed === '') return <Words text={text} />;
  return (
    <>
      <Words text={before} />
      <em>
        <Words text={deed} />
      </em>
      <Words text={after} />
    </>
  );
}

const names = /((?<=tagged )\S+|\b[\w-]+\.(?:sys|exe|dll)\b|\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b|\b\w+![\w+]+)/;

function Words({ text }: { readonly text: string }) {
  return (
    <>
      {text.split(names).map((part, index) =>
        index % 2 === 1 ? (
          <span class="mono" key={index}>
            {part}
          </span>
        ) : (
          part
        ),
      )}
    </>
  );
}
