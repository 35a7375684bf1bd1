import { CodeView } from '../views/code/code-view.tsx';
import { CrashView } from '../views/crash/crash-view.tsx';
import { MemoryView } from '../views/memory/memory-view.tsx';
import { ModulesView } from '../views/modules/modules-view.tsx';
import { RegistersView } from '../views/registers/registers-view.tsx';
import { StackView } from '../views/stack/stack-view.tsx';
import { TagsView } from '../views/tags/tags-view.tsx';
import { VerdictView } from '../views/verdict/verdict-view.tsx';
import { VerifierView } from '../views/verifier/verifier-view.tsx';
import { laterView } from './later-view.tsx';
import type { ViewName } from './route.ts';

const views = {
  verdict: VerdictView,
  pool: laterView(async () => (await import('../views/pool/pool-view.tsx')).PoolView),
  crash: CrashView,
  stack: StackView,
  registers: RegistersView,
  memory: MemoryView,
  code: CodeView,
  modules: ModulesView,
  tags: TagsView,
  verifier: VerifierView,
  // The console fills the window: it is the same one that lies below the other views.
  console: () => null,
  lab: laterView(async () => (await import('../views/lab/lab-view.tsx')).LabView),
  fleet: laterView(async () => (await import('../views/fleet/fleet-view.tsx')).FleetView),
  bucket: laterView(async () => (await import('../views/fleet/bucket-view.tsx')).BucketView),
  dump: laterView(async () => (await import('../views/fleet/dump-view.tsx')).DumpView),
} as const satisfies Record<ViewName, () => unknown>;

export function ViewSwitch({ view }: { readonly view: ViewName }) {
  const View = views[view];
  return <View />;
}
