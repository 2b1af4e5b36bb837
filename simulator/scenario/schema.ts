import { parseDuration } from '@slipway/kernel';
import * as z from 'zod';

// The form of a scenario file. Every description ends up in the JSON Schema that editors read: keep them short and exact.

/** Whether the text is a duration as Kubernetes writes it. */
function isDuration(text: string): boolean {
  try {
    return parseDuration(text) >= 0;
  } catch {
    return false;
  }
}

/** Virtual time is counted in whole microseconds: beyond a hundred years it would lose some. */
const isCountable = (text: string): boolean => !isDuration(text) || parseDuration(text) <= LONGEST;
const LONGEST = parseDuration('876000h');

const text = (description: string): z.ZodString => z.string().min(1).describe(description);
const whole = (description: string): z.ZodNumber => z.int().min(0).describe(description);
const duration = (description: string): z.ZodString =>
  z
    .string()
    .refine(isDuration, 'is no duration: write for example 500ms, 30s, 2m or 1h30m')
    .refine(isCountable, 'is more than a hundred years: write a shorter time')
    .describe(`${description} A duration: 500ms, 30s, 2m, 1h30m.`);
/** A time in which something is to happen. */
const span = (description: string): z.ZodString =>
  duration(description).refine((text) => !isDuration(text) || parseDuration(text) > 0, 'is no time at all: write for example 1s, or more');

const labels = z.record(z.string(), z.string());
const quantities = z.record(z.string(), z.union([z.string(), z.number()]));

/** `deployment/web`, `deployment/shop/web`: kind, namespace where it is not `default`, name. */
const objectRef = text('An object: kind/name, or kind/namespace/name where the namespace is not "default". $name is a variable.');

/** A node by name, by variable, or by what runs on it. */
const nodeRef = z
  .union([
    text('Name of a node, or a variable: $lost.'),
    z.strictObject({
      nodeOf: objectRef.describe('The node on which the pod runs, or the first pod (by name) of the workload or Service.'),
    }),
  ])
  .describe('A node: its name, a variable, or { nodeOf: kind/name }.');

/** A pod by name, or the first of a workload. */
const podRef = z
  .union([
    text('A pod: name, namespace/name, or pod/name.'),
    z.strictObject({ podOf: objectRef.describe('The first pod (by name) of the workload or Service.') }),
  ])
  .describe('A pod: its name, or { podOf: kind/name }.');

const plugin = z
  .union([
    text('Built-in name, path of a file (from the scenario), or package.'),
    z.strictObject({ use: text('Built-in name, path or package.').optional(), with: z.record(z.string(), z.unknown()).optional() }),
  ])
  .describe('A plugin: its name or path, or { use, with } to give it options.');

const nodePlugins = { oci: plugin.optional(), cri: plugin.optional(), cni: plugin.optional() };

export const nodesSchema = z
  .strictObject({
    count: z.int().min(1).max(20_000).optional().describe('How many; 1 if left out.'),
    name: text('Name of the only one, or what the names begin with. Left out: node, and numbers that go on.').optional(),
    zones: z.array(z.string()).min(1).optional().describe('Zones in turn; a single letter is that zone of the region.'),
    capacity: quantities.optional().describe('As a Node has it: cpu, memory, pods, ephemeral-storage.'),
    allocatable: quantities.optional().describe('What of the capacity pods may use.'),
    labels: labels.optional(),
    annotations: labels.optional(),
    taints: z
      .array(
        z.strictObject({ key: z.string(), value: z.string().optional(), effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']) }),
      )
      .optional(),
    instanceType: text('Kind of machine in the cloud: m5.xlarge.').optional(),
    plugins: z.strictObject(nodePlugins).optional().describe('What differs from the rest of the cluster.'),
  })
  .describe('Machines of one sort.');

export const clusterSchema = z
  .strictObject({
    nodes: z.array(nodesSchema).optional().describe('Left out: three nodes of 4 CPU, 16Gi and 110 pods.'),
    plugins: z
      .strictObject({
        ...nodePlugins,
        csi: z
          .union([z.array(plugin), plugin])
          .optional()
          .describe('Storage drivers; the first is the default one.'),
        cpi: plugin.optional(),
        smi: plugin.optional(),
        cloud: plugin.optional(),
      })
      .optional(),
    nodeCIDRMaskSize: z
      .int()
      .min(20)
      .max(30)
      .optional()
      .describe('How long the prefix of each range of pod addresses is; 24 if left out. 29: room for five or six pods on a node.'),
    controlPlane: z
      .strictObject({
        scheduler: plugin.optional(),
        kubelet: plugin.optional(),
        controllers: z
          .record(z.string(), plugin)
          .optional()
          .describe('By name of the controller that is replaced, or of one that is added.'),
      })
      .optional()
      .describe('Parts of the control plane that are replaced.'),
  })
  .describe('What the cluster is made of.');

const manifest = z.union([
  text('Path of a manifest, from the scenario.'),
  z.looseObject({ apiVersion: z.string(), kind: z.string() }).describe('A Kubernetes object, written here.'),
]);

/** An arrow of a call's life, and what goes wrong at it. */
const arrows = {
  refuse: z
    .union([z.literal(true), z.strictObject({ code: z.string().optional(), message: z.string().optional() })])
    .optional()
    .describe('Refused before it is delivered: no work is done.'),
  error: z
    .union([
      text('Code of the interface.'),
      z.int(),
      z.strictObject({ code: z.union([z.string(), z.number()]), message: z.string().optional() }),
    ])
    .optional()
    .describe('An error instead of an answer; no work is done.'),
  loseAnswer: z.literal(true).optional().describe('The work is done, and its answer never comes.'),
  delay: span('Each call takes so much longer.').optional(),
  duplicate: z.literal(true).optional().describe('Delivered twice: the work is done twice.'),
  hang: z.literal(true).optional().describe('Delivered and never answered.'),
  crash: z
    .union([
      z.literal(true),
      z.strictObject({
        restart: duration('How long it takes to come up again.').optional(),
        keepState: z.boolean().optional().describe('Whether what it held in memory is there afterwards; false if left out.'),
      }),
    ])
    .optional()
    .describe('The callee dies before it works on the call; it comes up again after 5 s, or as `restart` says.'),
  crashCaller: z
    .union([
      z.literal(true),
      z.strictObject({
        restart: duration('How long it takes to come up again.').optional(),
        keepState: z
          .boolean()
          .optional()
          .describe(
            'Whether what a plugin held in memory is there afterwards; left out: as in a crash, and true where one of its side-cars dies.',
          ),
      }),
    ])
    .optional()
    .describe('The work is done, and the caller dies before it sees the answer; it comes up again after 5 s, or as `restart` says.'),
  stale: span(
    'Reads are answered from the state that long ago. With no method in `on`: first lists of informers only, and watches lag.',
  ).optional(),
  lag: span('Watches of the callers lag so far behind.').optional(),
  coalesce: span('Watches of the callers deliver every so long, and only the newest state of each object.').optional(),
  cut: z
    .union([
      z.literal(true),
      z.strictObject({
        away: duration('How long no watch is accepted.').optional(),
        relist: z.boolean().optional().describe('Whether what happened meanwhile is forgotten, so that clients have to list anew.'),
      }),
    ])
    .optional()
    .describe('Watches of the callers are cut once; they have to begin anew.'),
};

export const faultSchema = z
  .strictObject({
    on: text(
      'Calls: interface (cni), interface.Method (csi.CreateVolume), or as traces have it (cri.RuntimeService/RunPodSandbox); * for all.',
    ),
    node: nodeRef.optional().describe('Only calls from or to what runs on this node.'),
    from: text('Only calls of this caller, as traces name it: kubelet, external-provisioner/ebs; * stands for any text.').optional(),
    to: text('Only calls to this callee, as traces name it: csi/ebs, containerd/node-1; * stands for any text.').optional(),
    about: text('Only calls about this subject, as traces name it: default/web-0, vol-1; * stands for any text.').optional(),
    ...arrows,
    after: whole('So many calls are spared first.').optional(),
    times: z.int().min(1).describe('Strikes at most so many calls.').optional(),
    rate: z
      .union([z.number().min(0).max(1), z.string().regex(/^\d+\/\d+$/, 'is no rate: write for example 0.25 or 1/4')])
      .optional()
      .describe('Share of the calls that are struck, by the seed: 0.25 or 1/4.'),
    for: span('Heals by itself after so long.').optional(),
  })
  .describe('What goes wrong from now on: which calls, at which arrow of their life, how often.');

export const nodeFaultSchema = z
  .strictObject({
    node: nodeRef,
    freeze: z.literal(true).optional().describe('The machine stands still: nothing on it runs or answers; then it goes on where it stood.'),
    clock: z
      .string()
      .refine((text) => /^[+-]/.test(text) && isDuration(text.slice(1)), 'is no shift of a clock: write for example +5m or -30s')
      .optional()
      .describe('Its clock is ahead (+5m) or behind (-30s). Spans of time are as they are.'),
    disk: z.literal('full').optional().describe('What is written to its own disk fails for want of room.'),
    memory: text('So little memory is left on it: 50Mi. Below 100Mi its kubelet evicts pods.').optional(),
    for: span('Heals by itself after so long.').optional(),
  })
  .describe('What is wrong with a machine from now on: one of freeze, clock, disk, memory.');

export const partitionSchema = z
  .strictObject({
    node: nodeRef,
    from: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .describe('Whom it is cut off from: control-plane, cloud, registry, outside, names of nodes. Left out: everybody.'),
    direction: z.enum(['both', 'in', 'out']).optional().describe('in: nothing reaches the node; out: nothing leaves it. Left out: both.'),
    for: span('Heals by itself after so long.').optional(),
  })
  .describe('Cuts a node off the network. It goes on running.');

export const restartSchema = z
  .strictObject({
    part: z
      .enum(['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'cloud-controller-manager', 'kubelet'])
      .optional()
      .describe('Part of the control plane, or the kubelet of a node.'),
    plugin: text('Interface of the plugin: cri, cni, csi, cpi, smi, cloud; csi/ebs for one driver of several.').optional(),
    node: nodeRef.optional().describe('Of which node; alone: the machine itself.'),
    down: duration('How long it is away; 1 s if left out.').optional(),
    keepState: z.boolean().optional().describe('Whether what a plugin held in memory is there afterwards; false if left out.'),
  })
  .describe('Ends a part and starts it anew: one of the control plane, a plugin, or a node.');

const sender = z
  .union([
    text('A pod: pod/name or pod/namespace/name; node/name; outside.'),
    z.strictObject({ podOf: objectRef }),
    z.strictObject({ nodeOf: objectRef }),
  ])
  .describe('Who asks: a pod, a node, or outside.');

const requestShape = {
  from: sender,
  to: text('Where to: http://web.default/path, web:80, grpc://cart:7070, 10.96.0.20:80; balancerOf service/web is written service/web.'),
  method: text('Of HTTP; GET if left out.').optional(),
  headers: labels.optional(),
  timeout: span('5 s if left out.').optional(),
};

export const requestSchema = z.strictObject(requestShape).describe('Sends one request through DNS, Service, network and mesh.');

/** An object by kind and name, as manifests write it. */
const namedObject = z.looseObject({
  apiVersion: z.string().optional(),
  kind: text('Of the object.'),
  metadata: z.looseObject({ name: text('Of the object.'), namespace: z.string().optional() }),
});

/** What a step does; exactly one of these keys. */
const actions = {
  apply: z
    .union([manifest, z.array(manifest).min(1)])
    .optional()
    .describe('As kubectl apply.'),
  delete: z
    .union([
      objectRef,
      z.array(objectRef).min(1),
      z.strictObject({
        of: z.union([
          objectRef,
          z.array(objectRef).min(1),
          z.strictObject({ podOf: objectRef.describe('The first pod (by name) of it.') }),
        ]),
        gracePeriod: duration('Left out: the object says.').optional(),
        force: z.boolean().optional().describe('At once, whatever its kubelet says: kubectl delete --force --grace-period=0.'),
      }),
      namedObject,
    ])
    .optional()
    .describe('As kubectl delete; it does not wait for finalizers.'),
  patch: z
    .union([
      z.strictObject({
        of: objectRef,
        with: z.union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))]),
        type: z.enum(['strategic', 'merge', 'json']).optional().describe('strategic if left out.'),
        subresource: z.enum(['status', 'scale']).optional(),
      }),
      namedObject.describe('Part of the object: a merge patch.'),
    ])
    .optional()
    .describe('As kubectl patch.'),
  scale: z
    .strictObject({ of: objectRef, replicas: z.int().min(0).max(1_000_000).describe('How many.') })
    .optional()
    .describe('As kubectl scale.'),
  addNodes: nodesSchema.optional().describe('Machines that join now.'),
  removeNode: nodeRef.optional().describe('The machine is gone for good; its Node object is the business of the cluster.'),
  powerOff: nodeRef.optional().describe('The machine loses power.'),
  powerOn: nodeRef.optional().describe('The machine is switched on again.'),
  cordon: nodeRef.optional().describe('As kubectl cordon.'),
  uncordon: nodeRef.optional().describe('As kubectl uncordon.'),
  drain: z
    .union([
      nodeRef,
      z.strictObject({
        node: nodeRef,
        timeout: duration('How long evictions are tried; no end if left out.').optional(),
        gracePeriod: duration('Of the pods; left out: each says.').optional(),
        force: z.boolean().optional().describe('Also pods that nobody would make anew.'),
      }),
    ])
    .optional()
    .describe('As kubectl drain --ignore-daemonsets --delete-emptydir-data.'),
  taint: z
    .strictObject({
      node: nodeRef,
      key: text('Of the taint.'),
      value: z.string().optional(),
      effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
    })
    .optional(),
  untaint: z
    .strictObject({ node: nodeRef, key: text('Of the taint.'), effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional() })
    .optional(),
  fault: faultSchema.optional(),
  heal: z
    .union([text('What a step of fault, partition or nodeFault was called with `as`; all for everything.'), z.array(z.string()).min(1)])
    .optional()
    .describe('Takes faults, also of nodes, and partitions back.'),
  restart: restartSchema.optional(),
  partition: partitionSchema.optional(),
  nodeFault: nodeFaultSchema.optional(),
  request: requestSchema.optional(),
  exec: z
    .strictObject({
      pod: podRef,
      container: text('Left out: the first.').optional(),
      command: z.union([text('For the shell.'), z.array(z.string()).min(1)]).describe('A list is run as it is; a text by sh -c.'),
    })
    .optional()
    .describe('Runs a command in a container.'),
};

export const stepSchema = z
  .strictObject({
    at: duration('When, from the start of the cluster. Left out: after the step before.').optional(),
    as: z
      .string()
      .regex(/^[a-z][A-Za-z0-9_]*$/, 'is no name for a variable: begin with a small letter, go on with letters and digits')
      .optional()
      .describe('Keeps what the step chose as $name: a node, a fault.'),
    fails: z
      .union([z.literal(true), text('What its message must contain.')])
      .optional()
      .describe('The step has to fail: the API server refuses it, a drain does not end, a command exits with another code than 0.'),
    mayFail: z.literal(true).optional().describe('Whether it succeeds does not matter: what it is about may be gone already.'),
    ...actions,
  })
  .describe('One thing that happens.');

const partialObject = z
  .looseObject({ kind: z.string(), apiVersion: z.string().optional() })
  .describe(
    'Part of an object: fields that are named must be equal; each item of a list must be in the list. Without metadata.name: any object.',
  );

export const expectationSchema = z
  .strictObject({
    at: duration('Holds at this time.').optional(),
    from: duration('Begins to count; 0 s if left out.').optional(),
    within: span('Comes true so soon after `from`.').optional(),
    until: duration('With always: holds up to this time; left out: to the end.').optional(),
    always: z
      .union([z.literal(true), text('A CEL expression.')])
      .optional()
      .describe('Holds from `from` until `until`, all the time; a request is sent once a second. A text is a CEL expression.'),
    because: text('Shown when it does not hold: what a reader should learn.').optional(),
    object: partialObject.optional().describe('Such an object is there.'),
    count: whole('With object: so many of them are there.').optional(),
    absent: partialObject.optional().describe('No such object is there.'),
    condition: text('Type of a condition that is True; Ready=False and Ready=Unknown for other states.').optional(),
    event: z
      .union([
        text('Reason of an event.'),
        z.strictObject({
          reason: z.string().optional(),
          type: z.enum(['Normal', 'Warning']).optional(),
          message: text('What its message must contain.').optional(),
          from: text('Who reports it: kubelet, default-scheduler.').optional(),
          count: whole('Reported at least so often.').optional(),
        }),
      ])
      .optional()
      .describe('Such an event has been reported; with from and within: in that time.'),
    of: objectRef.optional().describe('With condition and event: about which object.'),
    request: z
      .strictObject({
        ...requestShape,
        delivered: z.boolean().optional().describe('Whether a server answered; true if nothing else is said.'),
        status: z.int().optional().describe('Of the HTTP answer.'),
        dropped: z
          .union([
            text('Stage that dropped it: dns, service, network, mesh, server, or part of the reason.'),
            z.strictObject({ stage: z.string().optional(), where: z.string().optional(), why: z.string().optional() }),
          ])
          .optional(),
        by: text('Who answered: pod/name, or a workload or Service that the pod belongs to.').optional(),
      })
      .optional()
      .describe('A request is sent and ends so.'),
    reachable: z
      .strictObject({ from: sender, to: requestShape.to, is: z.boolean().optional().describe('false: it must not be.') })
      .optional()
      .describe('A request from here gets there.'),
    cel: text('A CEL expression over the plurals of the kinds: pods.all(p, p.status.phase == "Running").').optional(),
  })
  .describe('What must hold, and when. Without a time: at the end.');

export const exploreSchema = z
  .strictObject({
    order: z
      .enum(['random', 'priority', 'picks'])
      .optional()
      .describe(
        'Of what is ready at one instant. random: any, by the seed; priority: each process has its rank, which changes seldom; picks: as they came, but where `picks` says otherwise. Left out: as they came.',
      ),
    changes: whole('With priority: how often a rank changes.').optional(),
    until: duration('From then on: as they came, and without jitter.').optional(),
    picks: z
      .record(z.string().regex(/^\d+$/, 'is no number of a choice: write for example "17"'), z.int().min(1))
      .optional()
      .describe('With picks: by the number of the choice, which one goes first, counted from 0.'),
    jitter: z.boolean().optional().describe('Latencies are drawn from their ranges.'),
    heavyTail: z.boolean().optional().describe('A few calls take far longer.'),
  })
  .describe('What the seed may choose beside faults: order at one instant, and latencies. Left out: nothing.');

export const calmSchema = z
  .strictObject({
    from: duration('When every fault heals and every machine has power.'),
    within: span('How long the cluster has to converge.'),
    stays: span('How long it has to stay so; 2m if left out. The run ends there.').optional(),
  })
  .describe('Nothing goes wrong any more, and the cluster has to reach what is asked of it, and stay there.');

const ownInvariantSchema = z
  .union([
    z.strictObject({
      id: text('Id of your own, such as SHOP-01.'),
      holds: text('What always holds, for people.').optional(),
      cel: text('A CEL expression that always holds.'),
    }),
    text('Path of a module whose default export is defineInvariant({ … }).'),
  ])
  .describe('An invariant of your own: { id, cel }, or the path of a module.');

export const scenarioSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find the schema.'),
    apiVersion: z.literal('slipway.dev/v1alpha1'),
    kind: z.literal('Scenario'),
    metadata: z.strictObject({
      name: z
        .string()
        .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'is no name: write lower-case letters, digits and dashes')
        .describe('Lower-case letters, digits and dashes.'),
      labels: labels.optional(),
      annotations: labels.optional(),
    }),
    spec: z.strictObject({
      include: z
        .array(text('Path of another scenario, from this one.'))
        .optional()
        .describe('Other scenarios: their cluster is the default of this one, their steps and expectations come first.'),
      seed: z
        .union([z.int(), z.string().min(1)])
        .optional()
        .describe('Chance of the run; 1 if left out.'),
      duration: span('How long it runs. Left out: until every step and expectation is over and the cluster has settled.').optional(),
      cluster: clusterSchema.optional(),
      explore: exploreSchema.optional(),
      calm: calmSchema.optional(),
      invariants: z
        .strictObject({
          off: z
            .array(z.strictObject({ id: text('Id of the invariant.'), reason: text('Why it does not hold here.') }))
            .optional()
            .describe('Invariants that are not watched.'),
          own: z.array(ownInvariantSchema).optional().describe('Invariants of your own.'),
        })
        .optional(),
      steps: z.array(stepSchema).optional(),
      expect: z.array(expectationSchema).optional(),
    }),
  })
  .describe('A scenario of Slipway: what happens to a cluster, and what must hold.');

export type ScenarioDocument = z.infer<typeof scenarioSchema>;
export type StepDocument = z.infer<typeof stepSchema>;
export type ExpectationDocument = z.infer<typeof expectationSchema>;
export type NodesDocument = z.infer<typeof nodesSchema>;
export type ClusterDocument = z.infer<typeof clusterSchema>;
export type FaultDocument = z.infer<typeof faultSchema>;
export type PartitionDocument = z.infer<typeof partitionSchema>;
export type NodeFaultDocument = z.infer<typeof nodeFaultSchema>;
export type RestartDocument = z.infer<typeof restartSchema>;
export type ExploreDocument = z.infer<typeof exploreSchema>;
export type CalmDocument = z.infer<typeof calmSchema>;
export type OwnInvariantDocument = z.infer<typeof ownInvariantSchema>;
export type RequestDocument = z.infer<typeof requestSchema>;
export type NodeRef = z.infer<typeof nodeRef>;
export type PodRef = z.infer<typeof podRef>;
export type SenderRef = z.infer<typeof sender>;
export type NamedObject = z.infer<typeof namedObject>;
export type PluginDocument = z.infer<typeof plugin>;

/** What a cluster has when its scenario says nothing of nodes. */
export const USUAL_NODES: readonly NodesDocument[] = [{ count: 3 }];

/** Keys of a step that say what it does. */
export const ACTIONS = Object.keys(actions) as readonly (keyof typeof actions)[];
/** Keys of an expectation that say what must hold. */
export const CLAIMS = ['object', 'absent', 'condition', 'event', 'request', 'reachable', 'cel'] as const;
export type Action = keyof typeof actions;
export type Claim = (typeof CLAIMS)[number];
