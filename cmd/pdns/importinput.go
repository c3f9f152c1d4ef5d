package main

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"example.org/pdns/plugin/pkg/store/manifest"
)

// An input is a file that is imported, or standard input.
type input struct {
	io.Reader
	file *os.File // nil if it is no regular file
	size int64    // 0 if not known
	io.Closer
}

// input opens a file, or standard input for "-".
func (p *program) input(ctx context.Context, path string) (*input, error) {
	if path == "-" {
		in := interruptible(ctx, io.NopCloser(p.in))
		return &input{Reader: in, Closer: in}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = fmt.Errorf("%s is a directory, want a file", path)
	case info.Mode().IsRegular():
		return &input{Reader: f, file: f, size: info.Size(), Closer: f}, nil
	default:
		in := interruptible(ctx, f)
		return &input{Reader: in, Closer: in}, nil
	}
	f.Close()
	return nil, err
}

// interruptible reads from a stream that may keep silent for long, until ctx
// ends: a read of it cannot be called back.
func interruptible(ctx context.Context, in io.ReadCloser) io.ReadCloser {
	out, to := io.Pipe()
	go func() {
		_, err := io.Copy(to, in)
		in.Close()
		to.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { out.CloseWithError(ctx.Err()) })
	return out
}

// A content is what a file holds, decompressed. It digests what is read of it.
type content struct {
	from  io.Reader
	raw   atomic.Int64 // octets of the file that were read
	close func()

	octets uint64
	head   []byte
	sum    hash.Hash
}

// newContent begins to read a file. One that grows is not compressed: what
// decompresses would wait for more where nobody can call it back.
func newContent(in io.Reader, grows bool) (*content, error) {
	c := &content{sum: sha256.New()}
	file := bufio.NewReaderSize(&counter{in, &c.raw}, 64<<10)
	start, err := file.Peek(len(xzMagic))
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case grows && compressed(start):
		return nil, errors.New("is compressed: --follow wants a file that is not")
	}
	c.from, c.close, err = decompress(file, start)
	return c, err
}

func (c *content) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.sum.Write(b[:n])
	c.octets += uint64(n)
	c.head = append(c.head, b[:min(n, manifest.HeadOctets-len(c.head))]...)
	return n, err
}

// digest says what was read, without the items in it.
func (c *content) digest() manifest.Import {
	return manifest.Import{Octets: c.octets, Sum: hex.EncodeToString(c.sum.Sum(nil)), Head: headSum(c.head)}
}

func headSum(head []byte) string { return fmt.Sprintf("%016x", xxhash.Sum64(head)) }

// A counter counts the octets that are read, for whoever looks meanwhile.
type counter struct {
	io.Reader
	n *atomic.Int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n.Add(int64(n))
	return n, err
}

var (
	gzipMagic  = []byte{0x1f, 0x8b}
	zstdMagic  = []byte{0x28, 0xb5, 0x2f, 0xfd}
	bzip2Magic = []byte("BZh")
	xzMagic    = []byte("\xfd7zX")
)

// maxWindow is how much of what it has given zstd may look back on: as much as its
// own program allows unless asked for more.
const maxWindow = 128 << 20

// compressed reports whether a file that begins so is.
func compressed(start []byte) bool {
	return slices.ContainsFunc([][]byte{gzipMagic, zstdMagic, bzip2Magic, xzMagic}, func(magic []byte) bool {
		return bytes.HasPrefix(start, magic)
	})
}

// decompress returns what in holds, which is in itself if it is not compressed.
func decompress(in *bufio.Reader, start []byte) (io.Reader, func(), error) {
	switch {
	case bytes.HasPrefix(start, gzipMagic):
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, nil, fmt.Errorf("gzip: %w", err)
		}
		return z, func() { z.Close() }, nil
	case bytes.HasPrefix(start, zstdMagic):
		z, err := zstd.NewReader(in, zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, fmt.Errorf("zstd: %w", err)
		}
		return z, z.Close, nil
	case bytes.HasPrefix(start, bzip2Magic):
		return bzip2.NewReader(in), func() {}, nil
	case bytes.HasPrefix(start, xzMagic):
		return nil, nil, errors.New("is compressed by xz, which import does not read: xz -dc FILE | pdns import -")
	}
	return in, func() {}, nil
}
