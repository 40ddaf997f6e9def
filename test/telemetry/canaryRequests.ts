/** A mutation with its input in a variable. */
export function write(field: string, selection: string, input: object) {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
  return {
    query: `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`,
    variables: { input },
  };
}

export const read = (selection: string) => ({ query: `{ ${selection} }` });
