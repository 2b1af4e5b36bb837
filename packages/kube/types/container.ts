// Containers and what runs around them: probes, hooks, environment, resources. Source: `core/v1`.

import type { IntOrString, Protocol, PullPolicy, Quantity, ResourceList, RestartPolicy } from './scalars.ts';

/** A port the container listens on. */
export interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
  readonly hostPort?: number;
  readonly hostIP?: string;
  readonly protocol?: Protocol;
}

/** A field of the pod, such as `metadata.name`. */
export interface ObjectFieldSelector {
  readonly apiVersion?: string;
  readonly fieldPath: string;
}

/** A request or limit of a container, divided by `divisor`. */
export interface ResourceFieldSelector {
  readonly containerName?: string;
  readonly resource: string;
  readonly divisor?: Quantity;
}

/** One key of a ConfigMap. */
export interface ConfigMapKeySelector {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

/** One key of a Secret. */
export interface SecretKeySelector {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

/** One key of an env file in a volume. */
export interface FileKeySelector {
  readonly volumeName: string;
  readonly path: string;
  readonly key: string;
  readonly optional?: boolean;
}

/** Where a variable's value comes from: one of these. */
export interface EnvVarSource {
  readonly fieldRef?: ObjectFieldSelector;
  readonly resourceFieldRef?: ResourceFieldSelector;
  readonly configMapKeyRef?: ConfigMapKeySelector;
  readonly secretKeyRef?: SecretKeySelector;
  readonly fileKeyRef?: FileKeySelector;
}

/** An environment variable, given or looked up. */
export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: EnvVarSource;
}

/** All keys of a ConfigMap as variables. */
export interface ConfigMapEnvSource {
  readonly name: string;
  readonly optional?: boolean;
}

/** All keys of a Secret as variables. */
export interface SecretEnvSource {
  readonly name: string;
  readonly optional?: boolean;
}

/** Variables from every key of a source. */
export interface EnvFromSource {
  readonly prefix?: string;
  readonly configMapRef?: ConfigMapEnvSource;
  readonly secretRef?: SecretEnvSource;
}

/** Gives a container a claim of its pod. */
export interface ResourceClaimReference {
  readonly name: string;
  readonly request?: string;
}

/** What a container asks for and may use at most. */
export interface ResourceRequirements {
  readonly limits?: ResourceList;
  readonly requests?: ResourceList;
  readonly claims?: readonly ResourceClaimReference[];
}

/** Whether resizing one resource restarts the container. */
export interface ContainerResizePolicy {
  readonly resourceName: string;
  readonly restartPolicy: 'NotRequired' | 'RestartContainer';
}

/** Puts a volume of the pod at a path in the container. */
export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly recursiveReadOnly?: 'Disabled' | 'IfPossible' | 'Enabled';
  readonly subPath?: string;
  readonly subPathExpr?: string;
  readonly mountPropagation?: 'None' | 'HostToContainer' | 'Bidirectional';
}

/** Puts a block volume at a device path. */
export interface VolumeDevice {
  readonly name: string;
  readonly devicePath: string;
}

/** Runs a command in the container; exit code 0 is success. */
export interface ExecAction {
  readonly command?: readonly string[];
}

/** A request header. */
export interface HTTPHeader {
  readonly name: string;
  readonly value: string;
}

/** Sends a GET request; 200 to 399 is success. */
export interface HTTPGetAction {
  readonly path?: string;
  readonly port: IntOrString;
  readonly host?: string;
  readonly scheme?: 'HTTP' | 'HTTPS';
  readonly httpHeaders?: readonly HTTPHeader[];
}

/** Opens a connection. */
export interface TCPSocketAction {
  readonly port: IntOrString;
  readonly host?: string;
}

/** Asks the gRPC health service. */
export interface GRPCAction {
  readonly port: number;
  readonly service?: string;
}

/** Waits. */
export interface SleepAction {
  readonly seconds: number;
}

/** A check and how often it is made; one handler is set. */
export interface Probe {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly grpc?: GRPCAction;
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  readonly terminationGracePeriodSeconds?: number;
}

/** What a hook does: one of these. */
export interface LifecycleHandler {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly sleep?: SleepAction;
}

/** Hooks around a container's life. */
export interface Lifecycle {
  readonly postStart?: LifecycleHandler;
  readonly preStop?: LifecycleHandler;
  readonly stopSignal?: string;
}

/** Linux capabilities added and dropped. */
export interface Capabilities {
  readonly add?: readonly string[];
  readonly drop?: readonly string[];
}

/** SELinux label. */
export interface SELinuxOptions {
  readonly user?: string;
  readonly role?: string;
  readonly type?: string;
  readonly level?: string;
}

/** Windows identity. */
export interface WindowsSecurityContextOptions {
  readonly gmsaCredentialSpecName?: string;
  readonly gmsaCredentialSpec?: string;
  readonly runAsUserName?: string;
  readonly hostProcess?: boolean;
}

/** System call filter. */
export interface SeccompProfile {
  readonly type: 'Unconfined' | 'RuntimeDefault' | 'Localhost';
  readonly localhostProfile?: string;
}

/** AppArmor confinement. */
export interface AppArmorProfile {
  readonly type: 'Unconfined' | 'RuntimeDefault' | 'Localhost';
  readonly localhostProfile?: string;
}

/** Security settings of one container; they win over the pod's. */
export interface SecurityContext {
  readonly capabilities?: Capabilities;
  readonly privileged?: boolean;
  readonly seLinuxOptions?: SELinuxOptions;
  readonly windowsOptions?: WindowsSecurityContextOptions;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly procMount?: 'Default' | 'Unmasked';
  readonly seccompProfile?: SeccompProfile;
  readonly appArmorProfile?: AppArmorProfile;
}

/** Exit codes that a rule matches. */
export interface ContainerRestartRuleOnExitCodes {
  readonly operator: 'In' | 'NotIn';
  readonly values?: readonly number[];
}

/** What happens on matching exits, before the restart policy is asked. */
export interface ContainerRestartRule {
  readonly action: 'Restart' | 'RestartAllContainers';
  readonly exitCodes?: ContainerRestartRuleOnExitCodes;
}

/** A container of a pod. An init container with `restartPolicy: Always` is a sidecar. */
export interface Container {
  readonly name: string;
  readonly image?: string;
  /** Replaces the image's entry point. */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly ports?: readonly ContainerPort[];
  readonly envFrom?: readonly EnvFromSource[];
  readonly env?: readonly EnvVar[];
  readonly resources?: ResourceRequirements;
  readonly resizePolicy?: readonly ContainerResizePolicy[];
  readonly restartPolicy?: RestartPolicy;
  readonly restartPolicyRules?: readonly ContainerRestartRule[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly volumeDevices?: readonly VolumeDevice[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly lifecycle?: Lifecycle;
  readonly terminationMessagePath?: string;
  readonly terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError';
  readonly imagePullPolicy?: PullPolicy;
  readonly securityContext?: SecurityContext;
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
}

/** A container added to a running pod to look into it. */
export interface EphemeralContainer extends Container {
  readonly targetContainerName?: string;
}
