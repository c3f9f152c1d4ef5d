package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// An outputFile is a file that appears under its name when it is whole; without
// a name it is standard output. Written through what its name's ending says.
type outputFile struct {
	io.Writer
	finish func() error // ends the compression
	file   *os.File     // nil for standard output
	path   string
}

// create begins the file at path, or standard output for an empty path.
func (p *program) create(path string, force bool) (*outputFile, error) {
	if path == "" {
		return &outputFile{Writer: p.out, finish: func() error { return nil }}, nil
	}
	if err := mayWrite(path, force); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".")
	if err != nil {
		return nil, err
	}
	o := &outputFile{Writer: file, finish: func() error { return nil }, file: file, path: path}
	switch {
	case strings.HasSuffix(path, ".gz"):
		z := gzip.NewWriter(file)
		o.Writer, o.finish = z, z.Close
	case strings.HasSuffix(path, ".zst"):
		z, err := zstd.NewWriter(file)
		if err != nil {
			o.abandon()
			return nil, err
		}
		o.Writer, o.finish = z, z.Close
	}
	return o, nil
}

// commit makes the file appear.
func (o *outputFile) commit() error {
	if err := o.finish(); err != nil || o.file == nil {
		return err
	}
	if err := errors.Join(o.file.Sync(), o.file.Close()); err != nil {
		return err
	}
	return os.Rename(o.file.Name(), o.path)
}

// abandon removes what was not committed; behind commit it does nothing.
func (o *outputFile) abandon() {
	if o.file != nil {
		o.file.Close()
		os.Remove(o.file.Name())
	}
}

// mayWrite refuses a file that exists, unless it may be replaced.
func mayWrite(path string, force bool) error {
	_, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && force:
		return nil
	case err == nil:
		return withHint(fmt.Errorf("%s exists", path), "--force replaces it")
	}
	return err
}
