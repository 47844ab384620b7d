"""Objects below a URL: what is written is read, whole; what is missing is named; names of places."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.objects import Objects
from smartmoney_pipeline.store.urls import object_url, place_name

LARGE = 25_000_000
"""More than two parts of an upload."""


@pytest.mark.parametrize("place", ["s3://some-bucket/a/b", "s3://some-bucket//a/b/", Path("s3://some-bucket/a/b")])
def test_a_url_is_known_also_where_it_went_through_a_path(place):
    assert object_url(place) == place_name(place) == "s3://some-bucket/a/b"


@pytest.mark.parametrize("place", ["lake", Path("/some/s3/lake"), "gs://some-bucket/a", "s3:/", "s3://B"])
def test_other_places_are_no_urls(place):
    assert object_url(place) is None
    assert place_name(place) == str(place)


def test_what_is_written_is_read_and_listed(bucket, tmp_path):
    objects = Objects(f"{bucket}/some/prefix")
    content = random.Random(7).randbytes(LARGE)
    (tmp_path / "large").write_bytes(content)
    objects.put("large", tmp_path / "large")
    objects.put("a/small", b"hello")
    (tmp_path / "empty").touch()
    objects.put("a/empty", tmp_path / "empty")
    assert [(one.name, one.size) for one in objects.listed()] == [("a/empty", 0), ("a/small", 5), ("large", LARGE)]
    assert [one.name for one in objects.listed("a")] == ["a/empty", "a/small"]
    assert objects.child("a").read("small") == b"hello"
    objects.fetch("large", tmp_path / "again", hashlib.sha256(content).hexdigest())
    assert (tmp_path / "again").read_bytes() == content


def test_an_object_is_replaced_and_its_mark_changes(bucket):
    objects = Objects(bucket)
    objects.put("x", b"one")
    before = objects.mark("x")
    objects.put("x", b"two")
    assert objects.read("x") == b"two"
    assert objects.mark("x") != before
    # The entity tag of a small object is the MD5 of its bytes, by S3's own documentation.
    assert objects.mark("x") == f'"{hashlib.md5(b"two").hexdigest()}"'


def test_what_is_not_there_is_none_or_named(bucket, tmp_path):
    objects = Objects(f"{bucket}/p")
    assert (objects.found("x"), objects.mark("x"), objects.listed()) == (None, None, [])
    with pytest.raises(StoreError, match=r"s3://bucket-.*/p/x: cannot be read: there is no such object"):
        objects.read("x")
    with pytest.raises(StoreError, match="there is no such object"):
        objects.fetch("x", tmp_path / "x")
    assert list(tmp_path.iterdir()) == []
    objects.remove(["x"])


def test_another_content_than_the_hash_says_is_refused_and_leaves_no_file(bucket, tmp_path):
    objects = Objects(bucket)
    objects.put("x", b"other")
    with pytest.raises(StoreError, match="was changed after it was published"):
        objects.fetch("x", tmp_path / "x", hashlib.sha256(b"one").hexdigest())
    assert list(tmp_path.iterdir()) == []


def test_a_bucket_that_is_none_and_a_server_that_is_gone_are_errors_that_name_the_object(bucket, monkeypatch):
    with pytest.raises(StoreError, match=r"s3://no-such-bucket/x: cannot be written: .*does not exist"):
        Objects("s3://no-such-bucket").put("x", b"1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StoreError, match=r"cannot be read: .*connect"):
        Objects(bucket).read("x")
