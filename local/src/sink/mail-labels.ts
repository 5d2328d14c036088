/** Facts that SES knows of a mail and the mail itself does not say. */
interface MailLabel {
  readonly configurationSet: string;
  readonly pool: string;
  readonly tenant: string;
}

export interface MailLabels {
  /** Keeps the label of a mail while it is on its way; the answer ends that. */
  hold(sesMessageId: string, label: MailLabel): () => void;
  find(sesMessageId: string): MailLabel | undefined;
}

/** Carries labels beside the mail, so that the mail stays byte for byte what SES would send. */
export function createMailLabels(): MailLabels {
  const held = new Map<string, { readonly label: MailLabel; holders: number }>();

  return {
    find: (sesMessageId) => held.get(sesMessageId)?.label,
    hold: (sesMessageId, label) => {
      const entry = held.get(sesMessageId) ?? { label, holders: 0 };
      entry.holders += 1;
      held.set(sesMessageId, entry);
      return () => {
        entry.holders -= 1;
        if (entry.holders === 0) held.delete(sesMessageId);
      };
    },
  };
}
