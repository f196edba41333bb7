#!/usr/bin/env bash
# Keeps comments on a pull request up to date: keep-comments.sh FILE...
#
# The pull request is the open one of $HEAD (owner:branch) whose last commit is $COMMIT; none, and
# there is nothing to say. The first line of a file marks its comment: ours is the one that begins
# with it and was written by the workflows' own account, so that nobody else's is edited.
set -euo pipefail

repository="repos/$GITHUB_REPOSITORY"
number=$(gh api --paginate --method GET "$repository/pulls" --raw-field state=open \
  --raw-field head="$HEAD" --jq '.[] | select(.head.sha == env.COMMIT) | .number')
if [ -z "$number" ]; then
  echo "no open pull request has this commit as its last; there is nothing to say"
  exit 0
fi
for file in "$@"; do
  MARKER=$(head -n 1 "$file")
  export MARKER
  ours=$(gh api --paginate "$repository/issues/$number/comments" --jq '
    .[]
    | select(.user.login == "github-actions[bot]" and (.body | startswith(env.MARKER)))
    | .id')
  if [ -n "$ours" ]; then
    gh api --method PATCH "$repository/issues/comments/${ours%%$'\n'*}" --field body=@"$file" --silent
  else
    gh api --method POST "$repository/issues/$number/comments" --field body=@"$file" --silent
  fi
done
