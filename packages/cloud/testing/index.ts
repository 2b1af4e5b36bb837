export { type MachineOptions, TestDataCentre } from './data-centre.ts';
export { bound, CloudWorld, type CloudWorldOptions, refusal } from './world.ts';
