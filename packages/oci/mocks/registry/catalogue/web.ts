import { bases, type ImageRecipe, MB, PATH, ports } from '../recipe.ts';

/** Scripts of its entry point, in one layer instead of five. */
const scripts = 0.0046 * MB;

/** Web servers, proxies and what guestbooks and shops are made of. */
export const webImages: readonly ImageRecipe[] = [
  {
    name: 'docker.io/library/nginx',
    tags: ['1.14.2', '1.16.1', '1.19', '1.21', '1.25', '1.25-alpine', '1.26', '1.27', 'alpine', 'latest', 'stable'],
    base: bases.debian,
    own: [43.97 * MB, scripts],
    config: {
      ExposedPorts: ports('80/tcp'),
      Env: [PATH, 'NGINX_VERSION=1.27.3', 'PKG_RELEASE=1~bookworm'],
      Entrypoint: ['/docker-entrypoint.sh'],
      Cmd: ['nginx', '-g', 'daemon off;'],
      StopSignal: 'SIGQUIT',
    },
    variants: { alpine: { base: bases.alpine, own: [1.79 * MB, scripts, 15.1 * MB] } },
  },
  {
    name: 'docker.io/nginxinc/nginx-unprivileged',
    tags: ['1.25', '1.27', 'latest', 'stable'],
    base: bases.debian,
    own: [43.97 * MB, scripts],
    config: {
      User: '101',
      ExposedPorts: ports('8080/tcp'),
      Env: [PATH],
      Entrypoint: ['/docker-entrypoint.sh'],
      Cmd: ['nginx', '-g', 'daemon off;'],
      StopSignal: 'SIGQUIT',
    },
  },
  {
    name: 'docker.io/library/httpd',
    tags: ['2', '2.4', '2.4-alpine', 'alpine', 'latest'],
    base: bases.debian,
    own: [0.00015 * MB, 4.02 * MB, 26.1 * MB, 0.0003 * MB],
    config: {
      ExposedPorts: ports('80/tcp'),
      Env: [`${PATH}:/usr/local/apache2/bin`, 'HTTPD_PREFIX=/usr/local/apache2'],
      Cmd: ['httpd-foreground'],
      WorkingDir: '/usr/local/apache2',
      StopSignal: 'SIGWINCH',
    },
    variants: { alpine: { base: bases.alpine, own: [1.3 * MB, 15.8 * MB] } },
  },
  {
    name: 'docker.io/library/wordpress',
    tags: ['6', '6.2.1-apache', 'apache', 'latest'],
    base: bases.debian,
    own: [104.4 * MB, 20.1 * MB, 12.6 * MB, 11.1 * MB, 27.4 * MB],
    config: {
      ExposedPorts: ports('80/tcp'),
      Env: [PATH],
      Entrypoint: ['docker-entrypoint.sh'],
      Cmd: ['apache2-foreground'],
      Volumes: { '/var/www/html': {} },
      WorkingDir: '/var/www/html',
      StopSignal: 'SIGWINCH',
    },
  },
  {
    name: 'docker.io/library/traefik',
    tags: ['v2.11', 'v3.0', 'v3.2', 'latest'],
    base: bases.alpine,
    own: [1.2 * MB, 46.5 * MB],
    config: { ExposedPorts: ports('80/tcp'), Env: [PATH], Entrypoint: ['/entrypoint.sh'], Cmd: ['traefik'] },
  },
  {
    name: 'docker.io/library/haproxy',
    tags: ['2.8', '3.0', 'latest', 'lts'],
    base: bases.debian,
    own: [13.9 * MB],
    config: {
      User: 'haproxy',
      Env: [PATH],
      Entrypoint: ['docker-entrypoint.sh'],
      Cmd: ['haproxy', '-f', '/usr/local/etc/haproxy/haproxy.cfg'],
      StopSignal: 'SIGUSR1',
    },
  },
  {
    name: 'docker.io/traefik/whoami',
    tags: ['latest', 'v1.10'],
    base: bases.scratch,
    own: [2.9 * MB],
    config: { ExposedPorts: ports('80/tcp'), Env: [PATH], Entrypoint: ['/whoami'] },
  },
  {
    name: 'docker.io/envoyproxy/envoy',
    tags: ['v1.29.0', 'v1.31.0', 'v1.32.0'],
    base: bases.ubuntu,
    own: [29.7 * MB],
    config: {
      ExposedPorts: ports('10000/tcp'),
      Env: [PATH],
      Entrypoint: ['/docker-entrypoint.sh'],
      Cmd: ['envoy', '-c', '/etc/envoy/envoy.yaml'],
    },
  },
  {
    name: 'gcr.io/google-samples/gb-frontend',
    tags: ['v4', 'v5'],
    base: [['php-7-apache', 126 * MB]],
    own: [39.8 * MB, 0.01 * MB],
    config: {
      ExposedPorts: ports('80/tcp'),
      Env: [PATH],
      Entrypoint: ['docker-php-entrypoint'],
      Cmd: ['apache2-foreground'],
      WorkingDir: '/var/www/html',
      StopSignal: 'SIGWINCH',
    },
  },
  {
    name: 'gcr.io/google-samples/hello-app',
    tags: ['1.0', '2.0'],
    base: bases.distroless,
    own: [10.6 * MB],
    config: { User: 'nonroot:nonroot', ExposedPorts: ports('8080/tcp'), Env: [PATH, 'PORT=8080'], Cmd: ['/hello-app'], WorkingDir: '/' },
  },
];
