// Package listen receives dnstap from resolvers: at unix and TCP sockets, with
// TLS or without, from many senders at once.
//
// # What may come
//
// Whoever can connect is not trusted to behave. A connection that is silent,
// slow, broken or hostile holds a goroutine, a buffer and a descriptor, of which
// there is a fixed number; it never holds a batch, nor a worker. Its handshake,
// and each frame that it has begun, must be whole within a time; between frames
// it may be silent for ever. Whoever sends faster than frames are taken waits,
// and those who wait are served in turn.
//
// # Reloads
//
// A Pool keeps listeners for holders that come and go: a listener that the next
// holder wants too stays open, with its connections, and what is received is
// taken as the next one says from the moment on that the one before lets go.
package listen

import (
	"crypto/tls"
	"io/fs"
	"net"
	"time"

	"example.org/pdns/plugin/pkg/intake"
)

// A Config says what is done with what comes in at a listener. It is not changed
// once it is given away.
type Config struct {
	Receiver Receiver
	TLS      *tls.Config // nil: no TLS
	Mode     fs.FileMode // of the file of a unix socket; default 0660

	Connections int // how many are served at a time; default 256

	handshake time.Duration // time for it, that of TLS included; default timeLimit
	frame     time.Duration // time from the first to the last octet of a frame; default timeLimit
	pause     time.Duration // without an octet, that ends draining; default drainPause
}

// Defaults of Config.
const (
	DefaultMode        = fs.FileMode(0o660)
	DefaultConnections = 256
)

// timeLimit is how long a sender may take for what must not take long.
const timeLimit = 10 * time.Second

func (c Config) withDefaults() *Config {
	if c.Mode == 0 {
		c.Mode = DefaultMode
	}
	if c.Connections <= 0 {
		c.Connections = DefaultConnections
	}
	if c.handshake <= 0 {
		c.handshake = timeLimit
	}
	if c.frame <= 0 {
		c.frame = timeLimit
	}
	if c.pause <= 0 {
		c.pause = drainPause
	}
	return &c
}

// A Receiver takes what senders send. Its methods are called from many
// goroutines at once.
type Receiver interface {
	// Take takes the frames of a batch. It is called by as many workers as there
	// are cores; while all of them are in it, senders wait.
	Take(*intake.Batch)
	// Oversized is told how many frames were passed over as too long.
	Oversized(n uint64)
	// Connected is told that a sender has got through the handshake, and how many
	// connections there are now.
	Connected(peer net.Addr, now int)
	// Ended is told that a connection was refused or has ended, how many there are
	// now, and why; the error says more, or is nil.
	Ended(peer net.Addr, now int, why End, err error)
	// SocketFailed is told what goes wrong with the socket itself, as when no
	// connection can be accepted for want of descriptors. It is tried again.
	SocketFailed(error)
}

// An End says how a connection ended.
type End uint8

// The ends.
const (
	Finished         End = iota // the sender was done
	Shutdown                    // the listener was closed
	Limit                       // refused: as many as may be were connected
	NoTLS                       // it did not get through the handshake of TLS
	HandshakeTimeout            // it did not get through the handshake in time
	FrameTimeout                // it stopped in the midst of a frame
	NotDnstap                   // it sent what is no frame stream of dnstap
	CutOff                      // it was cut off in the midst of a frame
	Failed                      // reading failed
	Ends                        // their number
)

var endNames = [Ends]string{
	"finished", "shutdown", "limit", "tls", "handshake_timeout", "frame_timeout", "not_dnstap", "cut_off", "error",
}

// String is the name of e as a label of metrics.
func (e End) String() string { return endNames[e] }
