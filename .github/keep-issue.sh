#!/usr/bin/env bash
# Keeps one issue up to date: keep-issue.sh TITLE open|closed FILE
#
# Ours has this title, the label "drift" and was written by the workflows' own account. It is made
# when there is something to say, changed while there is, closed when there is not, and opened again.
set -euo pipefail

export TITLE=$1
state=$2 file=$3
issues="repos/$GITHUB_REPOSITORY/issues"
ours=$(gh api --paginate --method GET "$issues" --raw-field state=all --raw-field labels=drift --jq '
  .[]
  | select(.user.login == "github-actions[bot]" and .title == env.TITLE and .pull_request == null)
  | .number')
if [ -n "$ours" ]; then
  gh api --method PATCH "$issues/${ours%%$'\n'*}" --raw-field state="$state" --field body=@"$file" --silent
elif [ "$state" = open ]; then
  gh api --method POST "$issues" --raw-field title="$TITLE" --raw-field 'labels[]=drift' \
    --field body=@"$file" --silent
fi
