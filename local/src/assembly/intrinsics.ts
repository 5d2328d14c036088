/** Where intrinsics find their values. */
export interface Scope {
  ref(name: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, topKey: string, secondKey: string): unknown;
}

type Apply = (argument: unknown, scope: Scope) => unknown;

const list = (value: unknown, scope: Scope): unknown[] => {
  const resolved = resolve(value, scope);
  if (!Array.isArray(resolved)) throw new Error(`Expected a list, found ${JSON.stringify(resolved)}`);
  return resolved;
};

const INTRINSICS: Readonly<Record<string, Apply>> = {
  Ref: (name, scope) => scope.ref(String(name)),
  Condition: (name, scope) => scope.condition(String(name)),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, attribute] = Array.isArray(argument) ? argument : String(argument).split(/\.(.*)/s);
    return scope.getAtt(String(logicalId), String(resolve(attribute, scope)));
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = argument as [string, unknown];
    return list(parts, scope).join(separator);
  },
  'Fn::Sub': (argument, scope) => substitute(argument, scope),
  'Fn::Select': (argument, scope) => {
    const [index, from] = argument as [unknown, unknown];
    return list(from, scope)[Number(resolve(index, scope))];
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = argument as [string, unknown];
    return String(resolve(text, scope)).split(separator);
  },
  'Fn::If': (argument, scope) => {
    const [name, yes, no] = argument as [string, unknown, unknown];
    return resolve(scope.condition(name) ? yes : no, scope);
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = list(argument, scope);
    return left === right;
  },
  'Fn::And': (argument, scope) => list(argument, scope).every(Boolean),
  'Fn::Or': (argument, scope) => list(argument, scope).some(Boolean),
  'Fn::Not': (argument, scope) => !list(argument, scope)[0],
  'Fn::FindInMap': (argument, scope) => {
    const [map, topKey, secondKey] = list(argument, scope).map(String);
    return scope.mapping(map ?? '', topKey ?? '', secondKey ?? '');
  },
  'Fn::GetAZs': () => ['us-east-1a', 'us-east-1b', 'us-east-1c'],
  'Fn::Base64': (argument, scope) => Buffer.from(String(resolve(argument, scope))).toString('base64'),
};

/** A template value with every intrinsic replaced; properties that come out as AWS::NoValue are gone. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((item) => resolve(item, scope)).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;

  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first) {
    const [name, argument] = first;
    const apply = INTRINSICS[name];
    if (apply && !(name === 'Condition' && typeof argument !== 'string')) return apply(argument, scope);
    if (name.startsWith('Fn::')) throw new Error(`The local cloud does not know the intrinsic ${name}`);
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolve(item, scope)]).filter(([, item]) => item !== undefined),
  );
}

function substitute(argument: unknown, scope: Scope): string {
  const [text, extra] = Array.isArray(argument)
    ? (argument as [string, Record<string, unknown>])
    : [String(argument), {}];
  return text.replace(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in extra) return String(resolve(extra[name], scope));
    const [logicalId = '', attribute] = name.split(/\.(.*)/s);
    return String(attribute ? scope.getAtt(logicalId, attribute) : scope.ref(logicalId));
  });
}
