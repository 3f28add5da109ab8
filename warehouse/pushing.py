"""Puts an exported folder on the Hub as a data set."""

from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError

from warehouse.errors import NotPushed


def push(folder: Path, repository: str, message: str) -> str:
    """Make the data set `repository` hold what is in `folder`, and nothing else.

    It is made where there is none. Returns the address of the commit; raises `NotPushed`.
    """
    api = HfApi()
    try:
        api.create_repo(repository, repo_type="dataset", exist_ok=True)
        commit = api.upload_folder(
            folder_path=folder,
            repo_id=repository,
            repo_type="dataset",
            commit_message=message,
            delete_patterns="*",
        )
    except (HfHubHTTPError, HFValidationError, LocalTokenNotFoundError, OSError) as error:
        raise NotPushed(
            f"{repository} was not written: {error} The folder {folder} is whole. See to the name, "
            "owner/name, and to HF_TOKEN, which must allow writing there; then push it again with "
            f"hf upload {repository} {folder} --repo-type dataset."
        ) from error
    return str(commit.commit_url)
