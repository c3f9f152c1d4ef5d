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
		return interruptible(ctx, func() (io.ReadCloser, error) { return io.NopCloser(p.in), nil }), nil
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("%s is a directory, want a file", path)
	case err == nil && !info.Mode().IsRegular():
		return interruptible(ctx, func() (io.ReadCloser, error) { return os.Open(path) }), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err != nil {
		f.Close()
		return nil, err
	}
	return &input{Reader: f, file: f, size: info.Size(), Closer: f}, nil
}

// interruptible reads from a stream that may keep silent for long, until ctx
// ends: neither a read of it can be called back nor the opening of a pipe that
// nobody writes to.
func interruptible(ctx context.Context, open func() (io.ReadCloser, error)) *input {
	out, to := io.Pipe()
	go func() {
		in, err := open()
		if err == nil {
			_, err = io.Copy(to, in)
			in.Close()
		}
		to.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { out.CloseWithError(ctx.Err()) })
	return &input{Reader: out, Closer: out}
}

// A content is what a file holds, decompressed. It digests what is read of it.
type content struct {
	from     io.Reader
	raw      atomic.Int64 // octets of the file that were read
	progress func()       // called again and again
	close    func()

	octets uint64
	head   []byte
	sum    hash.Hash
}

// newContent begins to read a file, until ctx ends: there may be much of it that
// makes no item, before what decompresses it or behind. One that grows is not
// compressed: what decompresses would wait for more where nobody can call it back.
func newContent(ctx context.Context, in io.Reader, grows bool) (*content, error) {
	c := &content{sum: sha256.New(), progress: func() {}}
	file := bufio.NewReaderSize(&untilDone{ctx, &counter{in, &c.raw}}, 64<<10)
	start, err := file.Peek(len(xzMagic))
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case grows && compressed(start):
		return nil, errors.New("is compressed: --follow wants a file that is not")
	}
	plain, close, err := decompress(file, start)
	c.from, c.close = &untilDone{ctx, plain}, close
	return c, err
}

func (c *content) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.sum.Write(b[:n])
	c.octets += uint64(n)
	c.head = append(c.head, b[:min(n, manifest.HeadOctets-len(c.head))]...)
	c.progress()
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

// untilDone reads until ctx ends.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (r *untilDone) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
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
