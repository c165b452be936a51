import { expect, test } from 'vitest';
import { docCommentText } from '../../../src/syntax/doc-comment.ts';

test.each([
  ['/** one line */', 'one line '],
  ['/**\n    First.\n\n      Second.\n  */', '\nFirst.\n\n  Second.\n'],
  ['/** First,\n    second. */', 'First,\nsecond. '],
])('%j', (comment, expected) => {
  expect(docCommentText(comment)).toBe(expected);
});
