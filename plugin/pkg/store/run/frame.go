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
	Small: newEncoder(zstd.SpeedDefault),
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

// A place is where a frame belongs: a bucket and a key in it. Its bytes are
// under the checksum, so that a frame reached by a damaged key or page is told.
type place struct{ bucket, key []byte }

func (p place) sum(body []byte) uint32 {
	sum := crc32.Update(0, castagnoli, p.bucket)
	sum = crc32.Update(sum, castagnoli, p.key)
	return crc32.Update(sum, castagnoli, body)
}

const frameHeader = 5

// appendFrame appends payload as it lies on disk: codec, CRC-32C of its place
// and of what follows, payload, compressed where that makes it smaller.
func (p place) appendFrame(dst, payload []byte, c Compression) []byte {
	start := len(dst)
	dst = append(dst, codecZstd, 0, 0, 0, 0)
	dst = encoders[c].EncodeAll(payload, dst)
	if len(dst)-start-frameHeader >= len(payload) {
		return p.appendPlain(dst[:start], payload)
	}
	binary.LittleEndian.PutUint32(dst[start+1:], p.sum(dst[start+frameHeader:]))
	return dst
}

// appendPlain is appendFrame without compression.
func (p place) appendPlain(dst, payload []byte) []byte {
	dst = append(dst, codecPlain)
	dst = binary.LittleEndian.AppendUint32(dst, p.sum(payload))
	return append(dst, payload...)
}

// body returns what is behind the header of a frame, if the checksum holds.
func (p place) body(frame []byte) ([]byte, error) {
	if len(frame) < frameHeader {
		return nil, fmt.Errorf("%w: frame of %d bytes", ErrDamaged, len(frame))
	}
	body := frame[frameHeader:]
	if got, want := p.sum(body), binary.LittleEndian.Uint32(frame[1:]); got != want {
		return nil, fmt.Errorf("%w: checksum %08x where %08x is written", ErrDamaged, got, want)
	}
	return body, nil
}

// unpackFrame appends the payload of a frame to dst. The result shares no
// memory with the frame, which may lie in a mapped file.
func (p place) unpackFrame(dst, frame []byte) ([]byte, error) {
	body, err := p.body(frame)
	if err != nil {
		return dst, err
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
