/** Whether the text of a model.json holds a GraphModel; told without parsing it, which may take megabytes of memory. */
export function isGraphModelText(text: string): boolean {
  if (!text.includes('"modelTopology"')) return false;
  return text.includes('"graph-model"') || (text.includes('"node"') && !text.includes('"class_name"'));
}
