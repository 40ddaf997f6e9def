import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
  type TypeNode,
  type ValueNode,
} from "graphql";
import { documentLimit } from "../requestErrors.js";
import { type LimitError, type Limits, overLimit } from "./limits.js";

/**
 * The limit that a document exceeds, whatever its variables. It need not be valid.
 *
 * Each operation is walked as it would be executed, with fragments expanded where they are spread and fields of one name
 * merged: that is what validation (which compares the fields of one name pair by pair) and execution would work on. The
 * count of selections ends every walk.
 */
export function documentExcess(document: DocumentNode, limits: Limits): LimitError | undefined {
  try {
    count(document, limits);
    return undefined;
  } catch (error) {
    // With high limits, a chain of fragments may overflow the stack before it is counted.
    const excess = documentLimit(error, limits);
    if (excess) return excess;
    throw error;
  }
}

/** A router's field, which has its own limit. */
const isEntities = ({ name }: FieldNode): boolean => name.value === "_entities";

/** Comparing this many values costs as much as comparing two fields without arguments. */
const valuesPerOverlap = 2;
/** Characters of a string that cost as much as a value. */
const textPerValue = 100;

function count({ definitions }: DocumentNode, limits: Limits): void {
  const unused = new Set(definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION));
  const fragments = new Map(Array.from(unused, (fragment) => [fragment.name.value, fragment]));
  const counts = { selections: 0, aliases: 0, directives: 0, overlaps: 0 };
  const sizes = new Map<FieldNode | DirectiveNode, number>();

  for (const definition of definitions) {
    add("selections");
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    addDirectives(definition);
    for (const variable of definition.variableDefinitions ?? []) {
      addDirectives(variable);
      checkType(variable.type);
      if (variable.defaultValue) checkValue(variable.defaultValue);
    }
    const fields = walk([definition.selectionSet], 1);
    const entities = fields.filter(isEntities).length;
    const name = definition.operation === OperationTypeNode.MUTATION ? "rootMutations" : "rootFields";
    if (fields.length - entities > limits[name]) throw overLimit(limits, name, fields.length - entities);
    if (entities > limits.rootEntities) throw overLimit(limits, "rootEntities", entities);
  }
  // Validation compares the fields of an unused fragment before it rejects the fragment.
  for (const fragment of unused) {
    addDirectives(fragment);
    walk([fragment.selectionSet], 1);
  }

  function add(name: keyof typeof counts, more = 1): void {
    counts[name] += more;
    if (counts[name] > limits[name]) throw overLimit(limits, name);
  }

  function addDirectives({ directives = [] }: { readonly directives?: readonly DirectiveNode[] }): void {
    add("directives", directives.length);
    for (const directive of directives) checkArguments(directive);
  }

  /** The size of a node's arguments: values, and strings by their length. */
  function checkArguments(node: FieldNode | DirectiveNode): number {
    // The arguments in a fragment count wherever it is spread.
    const cached = sizes.get(node);
    if (cached !== undefined) return cached;
    let size = 0;
    for (const { value } of node.arguments ?? []) size += checkValue(value);
    sizes.set(node, size);
    return size;
  }

  function checkValue(value: ValueNode, depth = 0): number {
    if (depth > limits.depth) throw overLimit(limits, "depth");
    let size = 1;
    if (value.kind === Kind.LIST) for (const item of value.values) size += checkValue(item, depth + 1);
    if (value.kind === Kind.OBJECT)
      for (const field of value.fields) size += checkValue(field.value, depth + 1);
    if (value.kind === Kind.STRING) size += value.value.length / textPerValue;
    return size;
  }

  function checkType(type: TypeNode, depth = 0): void {
    if (depth > limits.depth) throw overLimit(limits, "depth");
    if (type.kind !== Kind.NAMED_TYPE) checkType(type.type, depth + 1);
  }

  /** Counts a place of the response, and all below it. @returns the fields there */
  function walk(selectionSets: readonly SelectionSetNode[], depth: number): FieldNode[] {
    if (depth > limits.depth) throw overLimit(limits, "depth");
    const fields = new Map<string, { nodes: FieldNode[]; size: number }>();
    let spreads = 0;
    const within = new Set<FragmentDefinitionNode>();
    for (const selectionSet of selectionSets) collect(selectionSet);
    addOverlaps(spreads, 0);

    const groups = [...fields.values()];
    for (const { nodes, size } of groups) {
      addOverlaps(nodes.length, size);
      const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (below.length > 0) walk(below, depth + 1);
    }
    return groups.flatMap(({ nodes }) => nodes);

    /** @param nesting the depth of inline fragments, which validation and execution walk recursively */
    function collect({ selections }: SelectionSetNode, nesting = 0): void {
      if (nesting > 2 * limits.depth) throw overLimit(limits, "depth");
      for (const selection of selections) {
        add("selections");
        addDirectives(selection);
        if (selection.kind === Kind.FIELD) {
          if (selection.alias && !(depth === 1 && isEntities(selection))) add("aliases");
          const size = checkArguments(selection);
          const name = (selection.alias ?? selection.name).value;
          const group = fields.get(name);
          if (group) {
            group.nodes.push(selection);
            group.size = Math.max(group.size, size);
          } else fields.set(name, { nodes: [selection], size });
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          collect(selection.selectionSet, nesting + 1);
        } else {
          spreads += 1;
          expand(fragments.get(selection.name.value));
        }
      }
    }

    function expand(fragment: FragmentDefinitionNode | undefined): void {
      // Validation rejects a fragment that spreads itself.
      if (!fragment || within.has(fragment)) return;
      unused.delete(fragment);
      within.add(fragment);
      addDirectives(fragment);
      collect(fragment.selectionSet);
      within.delete(fragment);
    }
  }

  /** @param size of the largest arguments, which validation prints for each comparison */
  function addOverlaps(nodes: number, size: number): void {
    add("overlaps", ((nodes * (nodes - 1)) / 2) * (1 + Math.floor(size / valuesPerOverlap)));
  }
}
