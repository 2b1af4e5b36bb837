// Wrong: start says that it is done, and the program does not run.
import { lowLevelRuntimeWith } from './correct/low-level-runtime.ts';

export default lowLevelRuntimeWith(() => ({ start: () => ({}) }));
