export const DEFAULT_EVENT_BUS = 'default';

/** The name of an event bus that is given by its name, by its ARN or, for the default bus, not at all. */
export const eventBusName = (nameOrArn: unknown): string =>
  nameOrArn === undefined ? DEFAULT_EVENT_BUS : String(nameOrArn).replace(/^.*:event-bus\//, '');
