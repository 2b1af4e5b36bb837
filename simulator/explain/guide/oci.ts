import { entries } from './entry.ts';

const START = 'the runtime passes the error on: CreateContainer, StartContainer or RunPodSandbox of CRI fails, and the kubelet tries again';
const PULL = 'PullImage fails: ErrImagePull, then back-off of 10 s doubling to 300 s';
const PUSH = 'the client that pushes sees the error and begins again; a cluster only pulls';
const LOOK = 'the runtime goes by what it knew before';

/** OCI runtime spec 1.3, section "Operations", and what runc adds (runc's manual pages). */
export const ociRuntimeGuide = entries('oci.Runtime', (method) => `OCI runtime spec, "${method}"`, {
  State: ['how is this container?', LOOK, 'OCI runtime spec, "Query State"'],
  Create: ['the low-level runtime sets up namespaces, mounts and cgroup; the process does not run yet', START],
  Start: ['everything is set up: run the process', START],
  Kill: [
    'a signal to the process of the container',
    'the container runs on; the runtime sends the kill signal when the grace period is over',
  ],
  Delete: [
    'the process has ended: namespaces, mounts and cgroup go',
    'something of the container stays on the node until it is cleaned up again',
  ],
  List: ['which containers does the low-level runtime know?', LOOK, 'runc-list(8)'],
  Exec: ['one more process inside a running container: a probe, a hook or a user', 'ExecSync or Exec of CRI fails', 'runc-exec(8)'],
  Update: ['new limits for a running container', 'the container keeps its limits', 'runc-update(8)'],
  Pause: ['freeze every process of the container', 'the container runs on', 'runc-pause(8)'],
  Resume: ['let the processes go on', 'the container stays frozen', 'runc-resume(8)'],
  Ps: ['which processes are in the container?', LOOK, 'runc-ps(8)'],
  Stats: ['how much does the container use?', 'the kubelet has no numbers for this round', 'runc-events(8)'],
  Events: ['tell me when it runs out of memory', 'an OOM kill is seen only when the process has ended', 'runc-events(8)'],
  Features: ['what can this low-level runtime do?', 'the runtime assumes the least', 'OCI runtime spec, "Features Structure"'],
});

/** OCI distribution spec 1.1, section "Endpoints". */
export const ociDistributionGuide = entries('oci.Distribution', (method) => `OCI distribution spec, "${method}"`, {
  CheckApi: ['does this registry speak the protocol?', PULL, 'OCI distribution spec, "Determining Support"'],
  GetManifest: ['which layers is the image made of?', PULL, 'OCI distribution spec, "Pulling manifests"'],
  HeadManifest: ['which digest has this tag now?', PULL, 'OCI distribution spec, "Pulling manifests"'],
  GetBlob: ['a part of the image, checked against its digest', PULL, 'OCI distribution spec, "Pulling blobs"'],
  HeadBlob: ['does the registry have this part?', PUSH, 'OCI distribution spec, "Pulling blobs"'],
  StartUpload: ['somebody pushes an image: where may the part go?', PUSH, 'OCI distribution spec, "Pushing blobs"'],
  UploadBlob: ['a part of an image in one piece', PUSH, 'OCI distribution spec, "Single POST"'],
  UploadChunk: ['a piece of a part', PUSH, 'OCI distribution spec, "Pushing a blob in chunks"'],
  CompleteUpload: ['the part is complete: check its digest', PUSH, 'OCI distribution spec, "POST then PUT"'],
  MountBlob: [
    'the part is in another repository already: use that',
    PUSH,
    'OCI distribution spec, "Mounting a blob from another repository"',
  ],
  GetUploadStatus: ['how much has arrived?', PUSH, 'OCI distribution spec, "Pushing a blob in chunks"'],
  CancelUpload: ['the upload is given up', 'the registry drops it by itself some time', 'OCI distribution spec, "Cancel a blob upload"'],
  PutManifest: ['all parts are there: this makes them an image', PUSH, 'OCI distribution spec, "Pushing Manifests"'],
  ListTags: ['which tags are there?', 'the user sees the error', 'OCI distribution spec, "Listing Tags"'],
  ListReferrers: [
    'which signatures and lists refer to this image?',
    'the user sees the error',
    'OCI distribution spec, "Listing Referrers"',
  ],
  DeleteManifest: ['the image is to go', 'the image stays', 'OCI distribution spec, "Deleting Manifests"'],
  DeleteBlob: ['a part is to go', 'the part stays', 'OCI distribution spec, "Deleting Blobs"'],
});
