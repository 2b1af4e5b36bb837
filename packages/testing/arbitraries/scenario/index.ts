export { arbitraryCluster, arbitraryPluginSet, type ClusterOptions } from './cluster.ts';
export { arbitraryFault, FAULT_INTERFACES, type FaultOptions } from './faults.ts';
export type * from './forms.ts';
export { arbitraryManifests, type ManifestsOptions } from './manifests.ts';
export { arbitraryScenario, type ScenarioOptions, scenarioYaml } from './scenario.ts';
export { arbitrarySchedule, type ScheduleOptions } from './schedule.ts';
export { arbitraryWorkload } from './workload.ts';
export type { ScenarioWorkloadOptions, WorkloadKind } from './workload-shape.ts';
