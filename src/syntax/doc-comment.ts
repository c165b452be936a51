/**
 * The text of a documentation comment (LambdaNode.doc keeps the comment as it is written): without its delimiters and
 * without the indentation that all its lines share. The opening delimiter counts as three spaces, so that text may begin
 * right behind it and go on below. Source: RFC 145; Nix's `:doc`.
 */
export function docCommentText(comment: string): string {
  const lines = `   ${comment.slice('/**'.length, -'*/'.length)}`.split('\n');
  const indentations = lines.filter((line) => /[^ ]/.test(line)).map((line) => /^ */.exec(line)![0].length);
  const shared = Math.min(...indentations);
  return lines.map((line) => line.slice(shared)).join('\n');
}
