package main

import (
	"context"
	"io"
)

// outputUntilDone is an output until a context is done, so that an interrupt ends what
// takes long to write.
type outputUntilDone struct {
	ctx context.Context
	io.Writer
}

func (w outputUntilDone) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.Writer.Write(b)
}
