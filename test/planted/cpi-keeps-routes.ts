// Wrong: routes of nodes that are gone stay.
import { providerWith } from './correct/provider.ts';

export default providerWith({ routes: () => ({ deleteRoute: () => ({}) }) });
