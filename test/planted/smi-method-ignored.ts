// Wrong: a target counts for every method, whatever its rules say.
import { meshWith } from './correct/mesh.ts';

export default meshWith((good) => ({
  authorise: (request) => good.authorise(request.http ? { ...request, http: { ...request.http, method: 'GET' } } : request),
}));
