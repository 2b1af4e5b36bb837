// Finds the failing story: draws cases from a scenario by seed, tries them, makes what fails small.
export { type FuzzBase, wholeDocument } from './base.ts';
export { cleanRunsNeeded } from './confidence.ts';
export { type Counts, sorted } from './counts.ts';
export { type CaseKey, type Failure, Fuzzer, type FuzzerOptions, PLAIN } from './fuzzer.ts';
export { generatedStories, referenceStory } from './generated.ts';
export { hung } from './hung.ts';
export { LASTING } from './judged.ts';
export { type Attempted, type Found, Search } from './search.ts';
export { worldDomains } from './interleavings/world-domains.ts';
export type { StoryEvent } from './story.ts';
export { type SwarmMember, swarm } from './swarm/members.ts';
export { EXPECTATION, type Finding, HANG, type FuzzWorld, type MakeWorld, type Trial } from './trial.ts';
