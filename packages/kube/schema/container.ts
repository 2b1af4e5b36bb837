// Schemas of `types/container.ts`.

import type * as t from '../types/index.ts';
import { flag, int, intOrString, list, object, once, oneOf, opt, orZero, quantity, resources, text } from './build.ts';
import { protocol, pullPolicy, restartPolicy } from './vocabulary.ts';

export const containerPort = once(() =>
  object<t.ContainerPort>({
    name: opt(text),
    containerPort: int,
    hostPort: opt(int),
    hostIP: opt(text),
    protocol: opt(protocol),
  }),
);

export const objectFieldSelector = once(() =>
  object<t.ObjectFieldSelector>({
    apiVersion: opt(text),
    fieldPath: text,
  }),
);

export const resourceFieldSelector = once(() =>
  object<t.ResourceFieldSelector>({
    containerName: opt(text),
    resource: text,
    divisor: opt(quantity),
  }),
);

export const configMapKeySelector = once(() =>
  object<t.ConfigMapKeySelector>({
    name: orZero(text, ''),
    key: text,
    optional: opt(flag),
  }),
);

export const secretKeySelector = once(() =>
  object<t.SecretKeySelector>({
    name: orZero(text, ''),
    key: text,
    optional: opt(flag),
  }),
);

export const fileKeySelector = once(() =>
  object<t.FileKeySelector>({
    volumeName: text,
    path: text,
    key: text,
    optional: opt(flag),
  }),
);

export const envVarSource = once(() =>
  object<t.EnvVarSource>({
    fieldRef: opt(objectFieldSelector()),
    resourceFieldRef: opt(resourceFieldSelector()),
    configMapKeyRef: opt(configMapKeySelector()),
    secretKeyRef: opt(secretKeySelector()),
    fileKeyRef: opt(fileKeySelector()),
  }),
);

export const envVar = once(() =>
  object<t.EnvVar>({
    name: text,
    value: opt(text),
    valueFrom: opt(envVarSource()),
  }),
);

export const configMapEnvSource = once(() =>
  object<t.ConfigMapEnvSource>({
    name: orZero(text, ''),
    optional: opt(flag),
  }),
);

export const secretEnvSource = once(() =>
  object<t.SecretEnvSource>({
    name: orZero(text, ''),
    optional: opt(flag),
  }),
);

export const envFromSource = once(() =>
  object<t.EnvFromSource>({
    prefix: opt(text),
    configMapRef: opt(configMapEnvSource()),
    secretRef: opt(secretEnvSource()),
  }),
);

export const resourceClaimReference = once(() =>
  object<t.ResourceClaimReference>({
    name: text,
    request: opt(text),
  }),
);

export const resourceRequirements = once(() =>
  object<t.ResourceRequirements>({
    limits: opt(resources),
    requests: opt(resources),
    claims: opt(list(resourceClaimReference())),
  }),
);

export const containerResizePolicy = once(() =>
  object<t.ContainerResizePolicy>({
    resourceName: text,
    restartPolicy: oneOf('NotRequired', 'RestartContainer'),
  }),
);

export const volumeMount = once(() =>
  object<t.VolumeMount>({
    name: text,
    mountPath: text,
    readOnly: opt(flag),
    recursiveReadOnly: opt(oneOf('Disabled', 'IfPossible', 'Enabled')),
    subPath: opt(text),
    subPathExpr: opt(text),
    mountPropagation: opt(oneOf('None', 'HostToContainer', 'Bidirectional')),
  }),
);

export const volumeDevice = once(() =>
  object<t.VolumeDevice>({
    name: text,
    devicePath: text,
  }),
);

export const execAction = once(() =>
  object<t.ExecAction>({
    command: opt(list(text)),
  }),
);

export const httpHeader = once(() =>
  object<t.HTTPHeader>({
    name: text,
    value: text,
  }),
);

export const httpGetAction = once(() =>
  object<t.HTTPGetAction>({
    path: opt(text),
    port: intOrString,
    host: opt(text),
    scheme: opt(oneOf('HTTP', 'HTTPS')),
    httpHeaders: opt(list(httpHeader())),
  }),
);

export const tcpSocketAction = once(() =>
  object<t.TCPSocketAction>({
    port: intOrString,
    host: opt(text),
  }),
);

export const grpcAction = once(() =>
  object<t.GRPCAction>({
    port: int,
    service: opt(text),
  }),
);

export const sleepAction = once(() =>
  object<t.SleepAction>({
    seconds: int,
  }),
);

export const probe = once(() =>
  object<t.Probe>({
    exec: opt(execAction()),
    httpGet: opt(httpGetAction()),
    tcpSocket: opt(tcpSocketAction()),
    grpc: opt(grpcAction()),
    initialDelaySeconds: opt(int),
    timeoutSeconds: opt(int),
    periodSeconds: opt(int),
    successThreshold: opt(int),
    failureThreshold: opt(int),
    terminationGracePeriodSeconds: opt(int),
  }),
);

export const lifecycleHandler = once(() =>
  object<t.LifecycleHandler>({
    exec: opt(execAction()),
    httpGet: opt(httpGetAction()),
    tcpSocket: opt(tcpSocketAction()),
    sleep: opt(sleepAction()),
  }),
);

export const lifecycle = once(() =>
  object<t.Lifecycle>({
    postStart: opt(lifecycleHandler()),
    preStop: opt(lifecycleHandler()),
    stopSignal: opt(text),
  }),
);

export const capabilities = once(() =>
  object<t.Capabilities>({
    add: opt(list(text)),
    drop: opt(list(text)),
  }),
);

export const seLinuxOptions = once(() =>
  object<t.SELinuxOptions>({
    user: opt(text),
    role: opt(text),
    type: opt(text),
    level: opt(text),
  }),
);

export const windowsSecurityContextOptions = once(() =>
  object<t.WindowsSecurityContextOptions>({
    gmsaCredentialSpecName: opt(text),
    gmsaCredentialSpec: opt(text),
    runAsUserName: opt(text),
    hostProcess: opt(flag),
  }),
);

export const seccompProfile = once(() =>
  object<t.SeccompProfile>({
    type: oneOf('Unconfined', 'RuntimeDefault', 'Localhost'),
    localhostProfile: opt(text),
  }),
);

export const appArmorProfile = once(() =>
  object<t.AppArmorProfile>({
    type: oneOf('Unconfined', 'RuntimeDefault', 'Localhost'),
    localhostProfile: opt(text),
  }),
);

export const securityContext = once(() =>
  object<t.SecurityContext>({
    capabilities: opt(capabilities()),
    privileged: opt(flag),
    seLinuxOptions: opt(seLinuxOptions()),
    windowsOptions: opt(windowsSecurityContextOptions()),
    runAsUser: opt(int),
    runAsGroup: opt(int),
    runAsNonRoot: opt(flag),
    readOnlyRootFilesystem: opt(flag),
    allowPrivilegeEscalation: opt(flag),
    procMount: opt(oneOf('Default', 'Unmasked')),
    seccompProfile: opt(seccompProfile()),
    appArmorProfile: opt(appArmorProfile()),
  }),
);

export const containerRestartRuleOnExitCodes = once(() =>
  object<t.ContainerRestartRuleOnExitCodes>({
    operator: oneOf('In', 'NotIn'),
    values: opt(list(int)),
  }),
);

export const containerRestartRule = once(() =>
  object<t.ContainerRestartRule>({
    action: oneOf('Restart', 'RestartAllContainers'),
    exitCodes: opt(containerRestartRuleOnExitCodes()),
  }),
);

export const container = once(() =>
  object<t.Container>({
    name: text,
    image: opt(text),
    command: opt(list(text)),
    args: opt(list(text)),
    workingDir: opt(text),
    ports: opt(list(containerPort())),
    envFrom: opt(list(envFromSource())),
    env: opt(list(envVar())),
    resources: opt(resourceRequirements()),
    resizePolicy: opt(list(containerResizePolicy())),
    restartPolicy: opt(restartPolicy),
    restartPolicyRules: opt(list(containerRestartRule())),
    volumeMounts: opt(list(volumeMount())),
    volumeDevices: opt(list(volumeDevice())),
    livenessProbe: opt(probe()),
    readinessProbe: opt(probe()),
    startupProbe: opt(probe()),
    lifecycle: opt(lifecycle()),
    terminationMessagePath: opt(text),
    terminationMessagePolicy: opt(oneOf('File', 'FallbackToLogsOnError')),
    imagePullPolicy: opt(pullPolicy),
    securityContext: opt(securityContext()),
    stdin: opt(flag),
    stdinOnce: opt(flag),
    tty: opt(flag),
  }),
);

export const ephemeralContainer = once(() =>
  object<t.EphemeralContainer>({
    name: text,
    image: opt(text),
    command: opt(list(text)),
    args: opt(list(text)),
    workingDir: opt(text),
    ports: opt(list(containerPort())),
    envFrom: opt(list(envFromSource())),
    env: opt(list(envVar())),
    resources: opt(resourceRequirements()),
    resizePolicy: opt(list(containerResizePolicy())),
    restartPolicy: opt(restartPolicy),
    restartPolicyRules: opt(list(containerRestartRule())),
    volumeMounts: opt(list(volumeMount())),
    volumeDevices: opt(list(volumeDevice())),
    livenessProbe: opt(probe()),
    readinessProbe: opt(probe()),
    startupProbe: opt(probe()),
    lifecycle: opt(lifecycle()),
    terminationMessagePath: opt(text),
    terminationMessagePolicy: opt(oneOf('File', 'FallbackToLogsOnError')),
    imagePullPolicy: opt(pullPolicy),
    securityContext: opt(securityContext()),
    stdin: opt(flag),
    stdinOnce: opt(flag),
    tty: opt(flag),
    targetContainerName: opt(text),
  }),
);
