//go:build !linux

package capture

import (
	"errors"
	"fmt"
)

func openDevice(string, LiveOptions) (device, error) {
	return nil, fmt.Errorf("%w: capturing on an interface needs Linux", errors.ErrUnsupported)
}
