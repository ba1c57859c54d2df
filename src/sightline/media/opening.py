"""Opening a media file so that nothing but that one file is ever read.

FFmpeg gets an open file descriptor, or a reader, and never a name: hostile names (``concat:``, ``frame%03d.png``,
``-i.mp4``) have no meaning, and playlists cannot lead to other files or to the network. Of the demuxers only those that
read one file are allowed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from sightline.errors import MediaNotFound, MediaUnreadable
from sightline.media.source import Place, Reader, SourceReader

DEMUXERS = (
    # Containers.
    "mov", "matroska", "webm", "mpegts", "mpeg", "avi", "mxf", "gxf", "lxf", "asf", "wtv", "flv", "live_flv", "nut",
    "ogg", "rm", "ivf", "dv", "swf", "nsv", "bink", "smk", "roq", "mlv", "r3d", "yuv4mpegpipe", "amv", "pva", "ty",
    # Streams without a container.
    "mpegvideo", "m4v", "h264", "hevc", "vvc", "evc", "av1", "obu", "vc1", "vc1test", "cavsvideo", "avs2", "avs3",
    "dirac", "dnxhd", "h261", "h263", "mjpeg", "mjpeg_2000",
    # Sound.
    "wav", "w64", "aiff", "caf", "au", "flac", "mp3", "aac", "ac3", "eac3", "ac4", "dts", "dtshd", "truehd", "mlp",
    "amr", "ape", "wv", "tta", "mpc", "mpc8", "tak", "voc", "loas", "spdif", "dsf", "iff", "shn", "adx", "xwma", "qcp",
    # Still and moving pictures.
    "gif", "apng", "webp_anim", "jpegxl_anim", "png_pipe", "jpeg_pipe", "jpegls_pipe", "jpegxl_pipe", "j2k_pipe",
    "webp_pipe", "tiff_pipe", "bmp_pipe", "dpx_pipe", "exr_pipe", "psd_pipe", "ppm_pipe", "pgm_pipe", "pbm_pipe",
    "pam_pipe", "pfm_pipe", "sgi_pipe", "sunrast_pipe", "hdr_pipe", "qoi_pipe", "gif_pipe", "pcx_pipe", "cri_pipe",
)  # fmt: skip
"""Demuxers that read nothing but the file they are given. Left out on purpose: hls, dash, concat, image2, imf, sdp,
rtsp, vobsub and all devices."""

_NO_PROTOCOL = "none"
"""A list of the protocols allowed that names none there is; an empty one could be taken for no list."""
_BUFFER_BYTES = 128 * 1024
"""What FFmpeg asks a source for at a time."""
_GENERATE_PTS = 0x0001
"""AVFMT_FLAG_GENPTS."""
_URL = re.compile(r"^[a-z][a-z0-9+.-]{1,20}://", re.IGNORECASE)
_ADDRESS = re.compile(r"^(https?|ftps?|rtsps?|rtmps?|srt|udp|tcp|s3):/", re.IGNORECASE)


@contextmanager
def opened(place: Place) -> Iterator[InputContainer]:
    """The container of a media, closed on leaving.

    Raises `MediaNotFound` when there is no such file and `MediaUnreadable` when it is no regular file, may not be
    read, is empty, or is nothing FFmpeg knows; and `MediaUnreadable`, here or later, when a source cannot be read.
    """
    with ExitStack() as stack:
        if isinstance(place, str | Path):
            file = open_file(place)
            stack.callback(os.close, file)
            container = _container("fd:", {"fd": str(file), "protocol_whitelist": "fd"}, str(place))
            stack.callback(container.close)
            yield container
        else:
            reader = stack.enter_context(SourceReader(place))
            container = _container(reader, {"protocol_whitelist": _NO_PROTOCOL}, place.name)
            stack.callback(container.close)
            yield container
            reader.check()


@contextmanager
def reading(place: Place) -> Iterator[Reader]:
    """The plain bytes of a media. Raises as `opened`; for a source, reading raises `MediaUnreadable`."""
    if isinstance(place, str | Path):
        with os.fdopen(open_file(place), "rb", buffering=0) as file:
            yield file
    else:
        with SourceReader(place) as reader:
            yield reader


def open_file(path: str | Path) -> int:
    """Descriptor of a regular file with at least one byte, for reading. Errors as `opened`."""
    if _URL.match(str(path)):
        raise MediaUnreadable("errors.media_is_url", path=str(path))
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError) as error:
        # A path made of an address has lost one of its slashes.
        if _ADDRESS.match(str(path)):
            raise MediaUnreadable("errors.media_is_url", path=str(path)) from error
        raise MediaNotFound("errors.media_not_found", path=str(path)) from error
    except PermissionError as error:
        raise MediaUnreadable("errors.media_not_permitted", path=str(path)) from error
    except (OSError, ValueError) as error:
        raise MediaUnreadable("errors.media_not_openable", path=str(path), reason=reason_of(error)) from error
    try:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode):
            raise MediaUnreadable("errors.media_not_a_file", path=str(path))
        if about.st_size == 0:
            raise MediaUnreadable("errors.media_zero_bytes", path=str(path))
    except BaseException:
        os.close(file)
        raise
    return file


def _container(file: str | SourceReader, protocol: Mapping[str, str], name: str) -> InputContainer:
    options = {"format_whitelist": ",".join(DEMUXERS), "enable_drefs": "0", **protocol}
    try:
        container = av.open(file, mode="r", options=options, metadata_errors="replace", buffer_size=_BUFFER_BYTES)
    except av.error.ArgumentError as error:
        raise MediaUnreadable("errors.media_refused", path=name) from error
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaUnreadable("errors.media_unreadable", path=name, reason=reason_of(error)) from error
    # PyAV has FFmpeg make up missing times, wrongly for H.264 in AVI.
    container.flags &= ~_GENERATE_PTS
    return container


def reason_of(error: BaseException) -> str:
    """What FFmpeg says of an error, without our file names and numbers."""
    if isinstance(error, av.error.FFmpegError | OSError):
        return error.strerror or type(error).__name__
    return str(error) or type(error).__name__


def demuxed(container: InputContainer, streams: Sequence[Stream]) -> Iterator[Packet[Stream]]:
    """Packets of some streams up to the end, and the empty ones that flush their decoders."""
    # PyAV stumbles, after the last packet, over streams that appeared while reading.
    with suppress(IndexError):
        yield from container.demux(list(streams))
