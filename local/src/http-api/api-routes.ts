import type { Assembly, HostedResource } from '../assembly/assembly.ts';
import { findFunction } from '../lambda/invoke-permission.ts';

/** One route of the template's HTTP API with the function behind it. */
export interface ApiRoute {
  /** `$default`, `POST /emails`, `ANY /files/{proxy+}` */
  readonly key: string;
  readonly target: HostedResource;
  readonly timeoutMs: number;
}

interface RouteMatch {
  readonly route: ApiRoute;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

export interface HttpApi {
  readonly apiId: string;
  readonly stage: string;
  match(method: string, path: string): RouteMatch | undefined;
}

const DEFAULT = '$default';
const MAX_TIMEOUT_MS = 30_000;

/** Reads the HTTP API. Throws with the name of what the local cloud does not host. */
export function readHttpApi(assembly: Assembly): HttpApi {
  const [api, ...others] = assembly.byType('AWS::ApiGatewayV2::Api');
  if (!api || others.length > 0)
    throw new Error(`The local cloud hosts one AWS::ApiGatewayV2::Api; the template has ${others.length}`);
  refuseOthers(assembly, api);

  const routes = assembly
    .byType('AWS::ApiGatewayV2::Route')
    .map((resource) => readRoute(assembly, resource))
    .map((route) => ({ route, pattern: parseKey(route.key) }))
    .sort((a, b) => b.pattern.rank.localeCompare(a.pattern.rank));
  return {
    apiId: api.physicalId,
    stage: DEFAULT,
    match: (method, path) => {
      for (const { route, pattern } of routes) {
        const pathParameters = pattern.match(method, path);
        if (pathParameters)
          return {
            route,
            pathParameters: Object.keys(pathParameters).length > 0 ? pathParameters : undefined,
          };
      }
      return undefined;
    },
  };
}

function refuseOthers(assembly: Assembly, api: HostedResource): void {
  const stages = assembly.byType('AWS::ApiGatewayV2::Stage').map(({ properties }) => properties.StageName);
  if (!stages.includes(DEFAULT) || stages.length > 1)
    throw new Error(
      `The local cloud hosts the stage ${DEFAULT} alone; the template has ${stages.join(', ')}`,
    );
  if (api.properties.ProtocolType !== 'HTTP')
    throw new Error(`The local cloud does not host the protocol of ${api.logicalId}`);
  if (api.properties.CorsConfiguration !== undefined)
    throw new Error(`The local cloud does not host CorsConfiguration of ${api.logicalId}`);
}

function readRoute(assembly: Assembly, { logicalId, properties }: HostedResource): ApiRoute {
  const authorization = properties.AuthorizationType ?? 'NONE';
  if (authorization !== 'NONE')
    throw new Error(
      `The local cloud does not host the authorization ${String(authorization)} of ${logicalId}`,
    );
  const integrationId = String(properties.Target).replace(/^integrations\//, '');
  const integration = assembly
    .byType('AWS::ApiGatewayV2::Integration')
    .find(({ physicalId }) => physicalId === integrationId);
  if (!integration) throw new Error(`${logicalId} names no integration of the template`);
  const { IntegrationType, IntegrationUri, PayloadFormatVersion, TimeoutInMillis } = integration.properties;
  if (IntegrationType !== 'AWS_PROXY' || String(PayloadFormatVersion) !== '2.0')
    throw new Error(
      `The local cloud hosts Lambda proxies with payload 2.0; ${integration.logicalId} is none`,
    );

  const uri = /functions\/(.+)\/invocations$/.exec(String(IntegrationUri))?.[1] ?? String(IntegrationUri);
  const target = findFunction(assembly, uri);
  if (!target) throw new Error(`${integration.logicalId} names no function of the template`);
  const timeoutMs = Math.min(Number(TimeoutInMillis ?? MAX_TIMEOUT_MS), MAX_TIMEOUT_MS);
  return { key: String(properties.RouteKey), target, timeoutMs };
}

interface RoutePattern {
  /**
   * Rank of a route. Greater means more specific: exact segments before `{name}` before `{name+}`, a method
   * before `ANY`.
   */
  readonly rank: string;
  /** The path parameters, or `undefined` where the route does not match. */
  match(method: string, path: string): Record<string, string> | undefined;
}

function parseKey(key: string): RoutePattern {
  if (key === DEFAULT) return { rank: '', match: () => ({}) };
  const [method = '', path = ''] = key.split(' ');
  const segments = path.split('/');
  const names = segments.filter((segment) => segment.startsWith('{')).map((s) => s.replace(/[{}+]/g, ''));
  const source = segments.map((segment) => SEGMENT_SOURCES[kindOf(segment)](segment)).join('/');
  const pattern = new RegExp(`^${source}$`);

  return {
    rank: `${segments.map((segment) => SEGMENT_RANKS[kindOf(segment)]).join('')}${method === 'ANY' ? 0 : 1}`,
    match: (requested, requestedPath) => {
      if (method !== 'ANY' && method !== requested) return undefined;
      const values = pattern.exec(requestedPath)?.slice(1);
      return values && Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
    },
  };
}

type SegmentKind = 'exact' | 'one' | 'rest';

const SEGMENT_RANKS: Readonly<Record<SegmentKind, string>> = { exact: '4', one: '3', rest: '2' };
const SEGMENT_SOURCES: Readonly<Record<SegmentKind, (segment: string) => string>> = {
  exact: (segment) => segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  one: () => '([^/]+)',
  rest: () => '(.+)',
};

const kindOf = (segment: string): SegmentKind => {
  if (!segment.startsWith('{')) return 'exact';
  return segment.endsWith('+}') ? 'rest' : 'one';
};
