import { bases, type ImageRecipe, type LayerRecipe, MB, PATH, ports } from '../recipe.ts';

const REPOSITORY = 'us-central1-docker.pkg.dev/online-boutique-ci/microservices-demo';
const tags: readonly string[] = ['v0.10.0', 'v0.10.1', 'v0.10.2', 'v0.10.3', 'v0.10.4', 'v0.10.5', 'v0.10.6'];
const python: readonly LayerRecipe[] = [...bases.alpine, ['python-3-alpine', 13.1 * MB]];
const node: readonly LayerRecipe[] = [...bases.alpine, ['nodejs-alpine', 17.4 * MB]];
const java: readonly LayerRecipe[] = [...bases.ubuntu, ['temurin-jre-21', 68.9 * MB]];

const service = (
  name: string,
  port: number,
  base: readonly LayerRecipe[],
  megabytes: number,
  entrypoint: readonly string[],
): ImageRecipe => ({
  name: `${REPOSITORY}/${name}`,
  tags,
  base,
  own: [megabytes * MB],
  config: { ExposedPorts: ports(`${port}/tcp`), Env: [PATH], Entrypoint: entrypoint, WorkingDir: '/src' },
});

/** The services of GoogleCloudPlatform/microservices-demo; entry points and ports as in its Dockerfiles. */
export const boutiqueImages: readonly ImageRecipe[] = [
  service('adservice', 9555, java, 36, ['/app/build/install/hipstershop/bin/AdService']),
  service('cartservice', 7070, [['dotnet-runtime-deps-alpine', 7.6 * MB]], 31, ['/app/cartservice']),
  service('checkoutservice', 5050, bases.distroless, 12.5, ['/src/checkoutservice']),
  service('currencyservice', 7000, node, 38, ['node', 'server.js']),
  service('emailservice', 8080, python, 48, ['python', 'email_server.py']),
  service('frontend', 8080, bases.distroless, 13.5, ['/src/server']),
  service('loadgenerator', 8089, python, 51, [
    'sh',
    '-c',
    'locust --host="http://${FRONTEND_ADDR}" --headless -u "${USERS:-10}" -r "${RATE:-1}" 2>&1',
  ]),
  service('paymentservice', 50051, node, 37, ['node', 'index.js']),
  service('productcatalogservice', 3550, bases.distroless, 12.8, ['/src/server']),
  service('recommendationservice', 8080, python, 46, ['python', 'recommendation_server.py']),
  service('shippingservice', 50051, bases.distroless, 11.9, ['/src/shippingservice']),
];
