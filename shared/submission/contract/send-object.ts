import * as z from 'zod/mini';

const optional = <Schema extends z.core.$ZodType>(schema: Schema) => z.nullish(schema);

const text = (field: string) => optional(z.string(`The \`${field}\` field must be a string.`));

/** Reads a list of texts. A string stands for an array of one, an empty one for none: SDKs send both. */
const texts = (field: string) => {
  const message = `The \`${field}\` field must be a string or an array of strings.`;
  return optional(z.pipe(z.transform(listOf), z.array(z.string(message), message)));
};

const tag = z.object(
  {
    name: z.string('The `tags` field must have a string `name` in every tag.'),
    value: z.string('The `tags` field must have a string `value` in every tag.'),
  },
  'The `tags` field must be an array of objects with `name` and `value`.',
);

const attachmentText = (field: string) =>
  optional(z.string(`An attachment must have a string as \`${field}\`.`));

const attachment = z.object(
  {
    /** Content in one of three shapes, up to megabytes of them: read in `send-attachments.ts`. */
    content: z.optional(z.unknown()),
    path: attachmentText('path'),
    filename: attachmentText('filename'),
    content_type: attachmentText('content_type'),
    contentType: attachmentText('contentType'),
    content_id: attachmentText('content_id'),
    inline_content_id: attachmentText('inline_content_id'),
  },
  'The `attachments` field must be an array of objects.',
);

const trackingFlag = (field: string) =>
  optional(z.boolean(`The \`tracking\` field must have true or false as \`${field}\`.`));

/** Tracking of a mail, strict where all else is lenient: a misspelt no would be a yes. */
const tracking = z.strictObject(
  { opens: trackingFlag('opens'), clicks: trackingFlag('clicks') },
  'The `tracking` field must be an object with `opens`, `clicks` or both.',
);

/**
 * The shape of a send object on the wire; what its values may be is checked in `send-request.ts`. Unknown fields are
 * dropped: SDKs repeat ids. `null` is absent everywhere.
 */
export const sendObject = z.object(
  {
    from: text('from'),
    to: texts('to'),
    cc: texts('cc'),
    bcc: texts('bcc'),
    reply_to: texts('reply_to'),
    subject: text('subject'),
    html: text('html'),
    text: text('text'),
    headers: optional(
      z.record(
        z.string(),
        z.string('The `headers` field must have strings as values.'),
        'The `headers` field must be an object.',
      ),
    ),
    tags: optional(z.array(tag, 'The `tags` field must be an array.')),
    attachments: optional(z.array(attachment, 'The `attachments` field must be an array.')),
    /** Stream that takes it; a field of ours. */
    stream: text('stream'),
    /** Opens and clicks that it is watched for; a field of ours. */
    tracking: optional(tracking),
    scheduled_at: z.optional(z.unknown()),
    template: z.optional(z.unknown()),
    topic_id: z.optional(z.unknown()),
  },
  'A mail must be an object.',
);

export type SendObject = z.infer<typeof sendObject>;
export type AttachmentObject = z.infer<typeof attachment>;

function listOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value === '' ? [] : [value];
}
