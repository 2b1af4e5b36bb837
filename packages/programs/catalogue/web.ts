import { type NetworkRequest, normalPath, type ProgramContext, type Reply } from '@slipway/host';
import { milliseconds, seconds } from '@slipway/kernel';
import { declaredOr, MiB, mounted, portFrom, quick, type ServerModel, type ServerPort } from '../server.ts';

/** Ports that configuration files in volumes name, such as `listen 8080;`. Files of the image itself say nothing new. */
function configured(context: ProgramContext, paths: readonly string[], line: RegExp): readonly number[] {
  const { files } = context;
  const found = paths.flatMap((path) => {
    if (!mounted(context, path) || !files.exists(path)) return [];
    const all = files.status(path).kind === 'directory' ? files.list(path).map((name) => `${path}/${name}`) : [path];
    return all
      .filter((file) => files.status(file).kind === 'file')
      .flatMap((file) => [...files.readText(file).matchAll(line)].map(([, port]) => Number(port)));
  });
  return [...new Set(found)].filter((port) => port > 0);
}

const http = (port: number): ServerPort => ({ port, speaks: 'http' });

/** Ports of a web server: as configured in volumes, else its own. */
const webPorts =
  (paths: readonly string[], line: RegExp, ...own: readonly number[]) =>
  (context: ProgramContext): readonly ServerPort[] => {
    const ports = configured(context, paths, line);
    return (ports.length > 0 ? ports : own).map(http);
  };

/** Serves files below a root. A configuration of the user's own may do anything, so what is not found is answered all the same. */
const site =
  (root: string, configuration: readonly string[], lists: boolean) =>
  (context: ProgramContext, request: NetworkRequest): Reply => {
    const { files } = context;
    const path = normalPath(`${root}/${(request.http?.path ?? '/').replace(/[?#].*/, '')}`);
    const folder = files.exists(path) && files.status(path).kind === 'directory';
    const file = folder ? `${path}/index.html` : path;
    if (files.exists(file)) return { http: { status: 200, headers: { 'Content-Type': 'text/html' }, body: files.readText(file) } };
    if (configuration.some((each) => mounted(context, each)) && !folder) return { http: { status: 200, body: '' } };
    if (folder)
      return lists ? { http: { status: 200, body: files.list(path).join('\n') } } : { http: { status: 403, body: '403 Forbidden\n' } };
    return { http: { status: 404, body: '404 Not Found\n' } };
  };

const NGINX_CONFIG = ['/etc/nginx/nginx.conf', '/etc/nginx/conf.d', '/etc/nginx/templates'];
const NGINX_LISTEN = /^\s*listen\s+(?:\[::\]:|[\d.*]+:)?(\d+)/gm;

/** SIGQUIT lets requests finish, SIGTERM does not (nginx.org, "Controlling nginx"); both end cleanly. */
const nginx: ServerModel = {
  name: 'nginx',
  images: ['nginx', 'nginx-slim', 'nginx-plus', 'k8s-staging-perf-tests/nginx', 'openresty'],
  commands: ['nginx', 'nginx-debug'],
  ports: webPorts(NGINX_CONFIG, NGINX_LISTEN, 80),
  startup: milliseconds(200),
  stops: { SIGTERM: quick, SIGINT: quick, SIGQUIT: { after: milliseconds(500), exitCode: 0 } },
  memoryBytes: 6 * MiB,
  cpuNanocores: 100_000,
  files: {
    '/usr/share/nginx/html/index.html':
      '<!DOCTYPE html>\n<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1></body></html>\n',
    '/usr/share/nginx/html/50x.html': '<!DOCTYPE html>\n<html><head><title>Error</title></head></html>\n',
    '/etc/nginx/nginx.conf':
      'user nginx;\nworker_processes auto;\nevents { worker_connections 1024; }\nhttp { include /etc/nginx/conf.d/*.conf; }\n',
    '/etc/nginx/conf.d/default.conf': 'server {\n    listen 80;\n    location / { root /usr/share/nginx/html; index index.html; }\n}\n',
  },
  http: site('/usr/share/nginx/html', NGINX_CONFIG, false),
};

const HTTPD_CONFIG = ['/usr/local/apache2/conf', '/etc/apache2', '/opt/bitnami/apache/conf'];

/** A server in some language: listens where its arguments, `PORT` or the pod say. */
const runtime = (
  name: string,
  images: readonly string[],
  commands: readonly string[],
  stops: ServerModel['stops'],
  startup: number,
  memory: number,
): ServerModel => ({
  name,
  images,
  commands,
  ports: (context) => {
    const served = context.argv.includes('http.server') ? Number(context.argv[context.argv.indexOf('http.server') + 1]) || 8000 : undefined;
    const port =
      served ?? portFrom(context, ['--port', '-p', '--bind', '-b', '--listen'], ['PORT', 'HTTP_PORT', 'SERVER_PORT', 'APP_PORT']);
    return port === undefined ? declaredOr(context, 'any') : [{ port, speaks: 'any' }];
  },
  startup: milliseconds(startup),
  stops,
  memoryBytes: memory * MiB,
  cpuNanocores: 1_000_000,
});

/** Web servers, and servers written in some language. */
export const WEB: readonly ServerModel[] = [
  nginx,
  {
    ...nginx,
    name: 'nginx-unprivileged',
    images: ['nginx-unprivileged', 'bitnami/nginx', 'bitnamilegacy/nginx'],
    commands: [],
    ports: webPorts(NGINX_CONFIG, NGINX_LISTEN, 8080),
  },
  {
    name: 'httpd',
    images: ['httpd', 'php-apache', 'hpa-example', 'wordpress', 'drupal', 'joomla', 'nextcloud', 'phpmyadmin'],
    commands: ['httpd', 'httpd-foreground', 'apache2', 'apache2-foreground', 'apachectl'],
    ports: webPorts(HTTPD_CONFIG, /^\s*Listen\s+(?:[\d.]+:)?(\d+)/gm, 80),
    startup: milliseconds(500),
    stops: { SIGTERM: quick, SIGINT: quick, SIGWINCH: { after: seconds(1), exitCode: 0 } },
    memoryBytes: 20 * MiB,
    cpuNanocores: 500_000,
    files: {
      '/usr/local/apache2/htdocs/index.html': '<html><body><h1>It works!</h1></body></html>\n',
      '/var/www/html/index.html': '<html><body>OK!</body></html>\n',
    },
    http: (context, request) =>
      site(
        context.image?.includes('httpd') ? '/usr/local/apache2/htdocs' : '/var/www/html',
        [...HTTPD_CONFIG, '/var/www/html'],
        true,
      )(context, request),
  },
  {
    name: 'caddy',
    images: ['caddy'],
    commands: ['caddy'],
    ports: webPorts(['/etc/caddy'], /^\s*:(\d+)/gm, 80, 443),
    startup: milliseconds(300),
    stops: { SIGTERM: quick, SIGINT: quick },
    memoryBytes: 20 * MiB,
    cpuNanocores: 200_000,
  },
  {
    name: 'haproxy',
    images: ['haproxy'],
    commands: ['haproxy'],
    ports: (context) => {
      const ports = configured(context, ['/usr/local/etc/haproxy'], /^\s*bind\s+\S*:(\d+)/gm);
      return ports.length > 0 ? ports.map(http) : declaredOr(context, 'http');
    },
    // SIGUSR1 is its soft stop and the image's stop signal (haproxy management guide, "Stopping and restarting HAProxy").
    startup: milliseconds(300),
    stops: { SIGTERM: quick, SIGINT: quick, SIGUSR1: { after: seconds(1), exitCode: 0 } },
    memoryBytes: 30 * MiB,
    cpuNanocores: 500_000,
  },
  {
    name: 'traefik',
    images: ['traefik'],
    commands: ['traefik'],
    ports: [http(80), http(443), http(8080)],
    startup: seconds(1),
    stops: { SIGTERM: quick, SIGINT: quick },
    memoryBytes: 60 * MiB,
    cpuNanocores: 1_000_000,
  },
  {
    name: 'envoy',
    images: ['envoy', 'envoyproxy/envoy', 'istio/proxyv2', 'proxyv2'],
    commands: ['envoy', 'pilot-agent'],
    ports: (context) => declaredOr(context, 'any', http(15021), http(15090), http(9901)),
    startup: seconds(1),
    stops: { SIGTERM: { after: milliseconds(500), exitCode: 0 } },
    memoryBytes: 50 * MiB,
    cpuNanocores: 2_000_000,
  },
  {
    name: 'tomcat',
    images: ['tomcat', 'jetty', 'jenkins', 'sonarqube', 'keycloak'],
    commands: ['catalina.sh'],
    ports: (context) => declaredOr(context, 'http', http(8080)),
    startup: seconds(5),
    stops: { SIGTERM: { after: seconds(1), exitCode: 143 } },
    memoryBytes: 300 * MiB,
    cpuNanocores: 5_000_000,
  },
  // A first process gets no default action for a signal, and node and python install no handler: only SIGKILL ends them.
  runtime('node', ['node', 'nodejs'], ['node', 'nodejs', 'npm', 'npx', 'yarn', 'pnpm', 'ts-node'], {}, 600, 60),
  runtime('python', ['python', 'pypy'], ['python', 'python3', 'pypy'], {}, 500, 40),
  runtime(
    'gunicorn',
    [],
    ['gunicorn', 'uvicorn', 'flask', 'celery', 'django-admin', 'hypercorn'],
    { SIGTERM: { after: milliseconds(500), exitCode: 0 }, SIGINT: quick },
    1500,
    80,
  ),
  runtime(
    'ruby',
    ['ruby', 'rails', 'redmine'],
    ['ruby', 'rails', 'puma', 'bundle', 'rackup'],
    { SIGTERM: { after: milliseconds(500), exitCode: 0 } },
    2000,
    120,
  ),
  runtime('php', ['php', 'php-fpm'], ['php', 'php-fpm'], { SIGTERM: quick, SIGQUIT: quick }, 300, 30),
  runtime(
    'java',
    ['openjdk', 'eclipse-temurin', 'amazoncorretto', 'maven', 'gradle'],
    ['java'],
    { SIGTERM: { after: milliseconds(500), exitCode: 143 } },
    3000,
    256,
  ),
  runtime(
    'dotnet',
    ['dotnet', 'aspnet', 'dotnet/aspnet', 'dotnet/samples'],
    ['dotnet'],
    { SIGTERM: { after: milliseconds(500), exitCode: 0 } },
    1000,
    80,
  ),
  // A Go program without a handler exits with 2 when the signal cannot kill its process (runtime/signal_unix.go, "dieFromSignal").
  runtime('go', ['golang'], ['go'], { SIGTERM: { after: 0, exitCode: 2 }, SIGINT: { after: 0, exitCode: 2 } }, 500, 30),
];
