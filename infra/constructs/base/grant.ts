/** One thing a function may do: actions on resources, and on nothing else. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Reason why a resource ends in a wildcard, for a reviewer. Needed where one does. */
  readonly wildcardReason?: string;
}

/** One statement for the same actions on several resources. */
export const oneGrant = (grants: readonly Grant[]): Grant => ({
  actions: grants[0]?.actions ?? [],
  resources: grants.flatMap(({ resources }) => resources),
});

/** Grants that a function needs only where the config has an option. */
export const grantsIf = (isNeeded: boolean, ...grants: readonly Grant[]): readonly Grant[] =>
  isNeeded ? grants : [];
