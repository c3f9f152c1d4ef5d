package httpapi

import (
	"time"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

// Speak adds a dialect before anything is served.
func (s *Server) Speak(d dialect.Dialect) { s.handler.dialects = append(s.handler.dialects, d) }

// Stall sets how long a client may take to read what is sent.
func (s *Server) Stall(d time.Duration) { s.handler.stall = d }
