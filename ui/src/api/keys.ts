/** Query keys, one root a noun, so that an event can name what it makes stale. */
export const keys = {
  workspace: ["workspace"],
  recent: ["recent"],
  keptPassword: ["keptPassword"],
  schema: ["schema"],
  overview: ["overview"],
  layout: ["layout"],
  linkCounts: ["linkCounts"],
  changelog: ["changelog"],
  undo: ["undo"],
  jobs: ["jobs"],
  plan: ["plan"],
  impact: ["impact"],
  records: ["records"],
  links: ["links"],
} as const;
