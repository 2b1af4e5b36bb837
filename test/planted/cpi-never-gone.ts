// Wrong: a machine that the cloud does not know any more counts as there.
import { providerWith } from './correct/provider.ts';

export default providerWith({ instancesV2: () => ({ instanceExists: () => ({ exists: true }) }) });
