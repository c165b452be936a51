/**
 * Operator-precedence parsing of one row of operands and operators: two stacks, reduced whenever the next operator binds
 * less than the last. So grouping costs neither a rule for each level nor, in long chains, any depth of the stack.
 */
import type { AnyActions } from './actions.ts';
import { HAS_PRECEDENCE, NEGATE_PRECEDENCE, NOT_PRECEDENCE, operatorOf, PIPE_PRECEDENCE } from './operators.ts';

export class OperatorRow {
  private readonly actions: AnyActions;
  private readonly operands: unknown[] = [];
  /** Where each operand starts. */
  private readonly starts: number[] = [];
  /** Of each operator its token's type (tokenTypeIdx), where it stands, and its precedence. */
  private readonly operators: number[] = [];
  private readonly places: number[] = [];
  private readonly precedences: number[] = [];
  private pipe = 0;

  constructor(actions: AnyActions) {
    this.actions = actions;
  }

  operand(node: unknown, start: number): this {
    this.operands.push(node);
    this.starts.push(start);
    return this;
  }

  /** `!` or unary `-` before an operand. */
  prefix(operator: number, place: number, precedence: number): void {
    this.operators.push(operator);
    this.places.push(place);
    this.precedences.push(precedence);
  }

  /** False where an operator that does not associate follows one of its own level, or one pipe the other. */
  operator(operator: number, place: number): boolean {
    const { precedence, associativity } = operatorOf(operator)!;
    this.reduceAbove(precedence);
    if (this.precedences[this.precedences.length - 1] === precedence) {
      if (associativity === 'none') return false;
      if (associativity === 'left') this.reduceAbove(precedence - 1);
    }
    if (precedence <= PIPE_PRECEDENCE) {
      if (this.pipe !== 0 && this.pipe !== precedence) return false;
      this.pipe = precedence;
    }
    this.operators.push(operator);
    this.places.push(place);
    this.precedences.push(precedence);
    return true;
  }

  hasAttribute(path: readonly unknown[]): void {
    this.reduceAbove(HAS_PRECEDENCE);
    const last = this.operands.length - 1;
    this.operands[last] = this.actions.hasAttribute(this.operands[last], path);
  }

  finish(): unknown {
    this.reduceAbove(0);
    return this.operands[0];
  }

  private reduceAbove(precedence: number): void {
    const { precedences } = this;
    while (precedences.length > 0 && precedences[precedences.length - 1]! > precedence) this.reduce();
  }

  private reduce(): void {
    const { actions, operands, starts } = this;
    const operator = this.operators.pop()!;
    const place = this.places.pop()!;
    const precedence = this.precedences.pop()!;
    const right = operands.pop();
    const rightStart = starts.pop()!;
    if (precedence === NEGATE_PRECEDENCE || precedence === NOT_PRECEDENCE) {
      operands.push(precedence === NOT_PRECEDENCE ? actions.not(right, place) : actions.negate(right, place));
      starts.push(place);
    } else {
      const last = operands.length - 1;
      operands[last] = actions.binary(operator, place, operands[last], right, starts[last]!, rightStart);
    }
  }
}
