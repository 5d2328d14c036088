/** Values that intrinsics may refer to. */
export interface Scope {
  ref(name: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
}

type Apply = (argument: unknown, scope: Scope) => unknown;

const INTRINSICS: Readonly<Record<string, Apply>> = {
  Ref: (name, scope) => scope.ref(String(name)),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, attribute] = Array.isArray(argument) ? argument : String(argument).split(/\.(.*)/s);
    return scope.getAtt(String(logicalId), String(attribute));
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = argument as [string, unknown];
    const resolved = resolve(parts, scope);
    if (!Array.isArray(resolved)) throw new Error(`Expected a list, found ${JSON.stringify(resolved)}`);
    return resolved.join(separator);
  },
  'Fn::Sub': substitute,
};

/** A template value with every intrinsic replaced. Throws with the name of one that is not known. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope));
  if (typeof value !== 'object' || value === null) return value;

  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first) {
    const [name, argument] = first;
    const apply = INTRINSICS[name];
    if (apply) return apply(argument, scope);
    const isCondition = name === 'Condition' && typeof argument === 'string';
    if (isCondition || name.startsWith('Fn::'))
      throw new Error(`The local cloud does not know the intrinsic ${name}`);
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, scope)]));
}

function substitute(argument: unknown, scope: Scope): string {
  if (typeof argument !== 'string')
    throw new Error('The local cloud does not know the intrinsic Fn::Sub with a map');
  return argument.replace(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    const [logicalId = '', attribute] = name.split(/\.(.*)/s);
    return String(attribute ? scope.getAtt(logicalId, attribute) : scope.ref(logicalId));
  });
}
