/**
 * The contract between compiler and machine. Code is one Int32Array; an expression is the offset of its instruction, and
 * names its parts by their offsets (`@x`), which stand before it. An instruction's result is the expression's value; the
 * machine runs an `@x` in tail position (T) by jumping there. What is not evaluated at once is `slot(@x)`: the value of a
 * constant, variable or lambda, a thunk of anything else (note 1).
 *
 * An environment is an array: [parent, slot 1, slot 2, ...]. `env^d` is the environment d levels up. `text` and `number`
 * index the unit's tables; `memo` is a cell of the unit where the machine keeps what it makes of an instruction.
 * Every offset is a position, see unit.ts; operands marked ° have one of their own.
 */

// Constants
export const INT = 0; //            value
export const STRING = 1; //         text
export const TRUE = 2; //
export const FALSE = 3; //
export const NULL = 4; //
export const EMPTY_LIST = 5; //
export const EMPTY_SET = 6; //
export const PATH = 7; //           text memo                -1 - text: relative to the unit's directory
export const FLOAT = 8; //          number memo
export const BIG_INT = 9; //        number

// Variables
export const VAR_0 = 10; //         slot                     env[slot]: surely made (argument, `with` has none)
export const VAR_1 = 11; //         slot                     env^1[slot]
export const VAR_2 = 12; //         slot                     env^2[slot]
export const VAR = 13; //           depth slot               env^depth[slot]
export const LAZY = 14; //          depth slot @binding      the same; if not made yet it becomes slot(@binding) there
export const GLOBAL = 15; //        text memo                variable of the session
export const WITH_VAR = 16; //      text n (depth)... memo     first of the `with` sets, innermost first, that has it; note 7
export const DELAY = 17; //         @x                       T @x, but its slot is always a thunk (note 2)

// Functions
export const LAMBDA = 18; //        memo @body name flags formals (° text @default)... [text]   note 3
export const CALL_1 = 19; //        @callee @a               callee (slot @a)
export const CALL_2 = 20; //        @callee @a @b
export const CALL = 21; //          @callee n @arg...

// Sets and lists
export const ATTRS = 22; //         memo flags n size (° @value)... text...              note 4
export const DYNAMIC = 23; //       @attrs n (° @name @value)...                         adds ${name} = value
export const LIST = 24; //          n @item...
export const SELECT = 25; //        @subject text memo       subject.text; two cells: last shape, index in it
export const SELECT_PATH = 26; //   @subject n (text | -1 - @name)... memo text...       notes 6, 7
export const SELECT_OR = 27; //     @subject @default n (text | -1 - @name)... memo text...
export const HAS_ATTR = 28; //      @subject n (text | -1 - @name)... memo

// Control
export const LET = 29; //           size @body               env := [env, size unmade slots]; T @body
export const WITH = 30; //          @scope @body             env := [env, slot(@scope), position]; T @body
export const IF = 31; //            @condition @then @else   T
export const ASSERT = 32; //        @condition @body text    T; text is the condition as messages show it

// Operators
export const NOT = 33; //           @a
export const EQUAL = 34; //         @a @b
export const NOT_EQUAL = 35; //     @a @b
export const AND = 36; //           @a @b
export const OR = 37; //            @a @b
export const IMPLIES = 38; //       @a @b
export const UPDATE = 39; //        @a @b                    the right operand is evaluated first
export const CONCAT_LISTS = 40; //  @a @b
export const CONCAT = 41; //        forceString n (° @part)...                           `+` and interpolation
export const LESS = 42; //          @a @b @builtin           note 5
export const SUBTRACT = 43; //      @a @b @builtin
export const MULTIPLY = 44; //      @a @b @builtin
export const CUR_POS = 45; //

/**
 * 1. A list or a set is made at once where it has no more than a few parts: that costs no more than a thunk.
 * 2. For a binding of `let`, `rec` or a formal's default that is nothing but a later variable of the same scope: following
 *    it while slots are made could go round in a circle. An earlier one it shares the slot with, as in C++ Nix.
 * 3. flags: LAMBDA_*. `name` is a text or -1; `formals` their number; the last text is the argument's name if it has one. The body's environment is [env, argument if it has
 *    a name, formals]. A default is -1 where there is none; else it runs in that environment, as the binding of a LAZY.
 * 4. flags: ATTRS_*. A recursive set's environment [env, values, hidden slots] is at once the set's own array of slots;
 *    `size` counts hidden slots, the sources of `inherit (e) x`, too. Other sets have those in a LET around them.
 * 5. Only where `__lessThan`, `__sub`, `__mul` are the global ones. For anything but two ints @builtin (a GLOBAL) is called.
 * 6. The texts are those of the @name, as messages show them.
 * 7. Two cells for each name or depth: the shape of the last set that was looked into, and the index there
 *    (0: its top layer has no such name).
 */
export const LAMBDA_ARG = 1;
export const LAMBDA_FORMALS = 2;
export const LAMBDA_ELLIPSIS = 4;
export const ATTRS_RECURSIVE = 1;
/** Has an attribute `__overrides`, whose attributes replace others before anything is evaluated. */
export const ATTRS_OVERRIDES = 2;

/** Is the instruction a constant, variable or lambda: known without running anything? */
export const LAST_LEAF = LAMBDA;
