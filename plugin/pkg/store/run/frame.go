package run

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"runtime"

	"github.com/klauspost/compress/zstd"
)

// ErrDamaged is wrapped by every error about bytes of a run that are not what
// was written.
var ErrDamaged = errors.New("damaged")

// Codecs of a frame.
const (
	codecPlain = 0
	codecZstd  = 1
)

// Compression is how hard a writer tries.
type Compression int

// Fast is for runs that will soon be merged, Small for those that stay.
const (
	Fast Compression = iota
	Small
)

// maxPayload bounds what a frame may unpack to: the largest record, and what a
// block may hold behind its target size.
const maxPayload = 16 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var encoders = [...]*zstd.Encoder{
	Fast:  newEncoder(zstd.SpeedFastest),
	Small: newEncoder(zstd.SpeedBetterCompression),
}

func newEncoder(level zstd.EncoderLevel) *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)),
		zstd.WithWindowSize(1<<20), zstd.WithSingleSegment(true))
	if err != nil {
		panic(err) // options are constants
	}
	return e
}

var decoder = func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxPayload))
	if err != nil {
		panic(err) // options are constants
	}
	return d
}()

// appendFrame appends payload as it lies on disk: codec, CRC-32C of what
// follows, payload, compressed where that makes it smaller.
func appendFrame(dst, payload []byte, c Compression) []byte {
	start := len(dst)
	dst = append(dst, codecZstd, 0, 0, 0, 0)
	dst = encoders[c].EncodeAll(payload, dst)
	if len(dst)-start-5 >= len(payload) {
		dst = append(dst[:start], codecPlain, 0, 0, 0, 0)
		dst = append(dst, payload...)
	}
	binary.LittleEndian.PutUint32(dst[start+1:], crc32.Checksum(dst[start+5:], castagnoli))
	return dst
}

// unpackFrame appends the payload of a frame to dst. The result shares no
// memory with the frame, which may lie in a mapped file.
func unpackFrame(dst, frame []byte) ([]byte, error) {
	if len(frame) < 5 {
		return dst, fmt.Errorf("%w: frame of %d bytes", ErrDamaged, len(frame))
	}
	body := frame[5:]
	if got, want := crc32.Checksum(body, castagnoli), binary.LittleEndian.Uint32(frame[1:]); got != want {
		return dst, fmt.Errorf("%w: checksum %08x where %08x is written", ErrDamaged, got, want)
	}
	switch frame[0] {
	case codecPlain:
		return append(dst, body...), nil
	case codecZstd:
		out, err := decoder.DecodeAll(body, dst)
		if err != nil {
			return dst, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return out, nil
	}
	return dst, fmt.Errorf("%w: codec %d", ErrDamaged, frame[0])
}
