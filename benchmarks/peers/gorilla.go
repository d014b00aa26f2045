// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Echo and broadcast on gorilla/websocket, on one processor: a goroutine reads each connection, and one more writes what a hub hands it.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// Messages that may wait for a member before it is dropped.
const waiting = 1024

type member struct {
	messages chan *websocket.PreparedMessage
}

type hub struct {
	mutex  sync.Mutex
	groups map[string]map[*member]bool
}

func (h *hub) join(group string, m *member) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.groups[group] == nil {
		h.groups[group] = map[*member]bool{}
	}
	h.groups[group][m] = true
}

func (h *hub) leave(group string, m *member) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.groups[group][m] {
		delete(h.groups[group], m)
		close(m.messages)
	}
}

func (h *hub) publish(group string, message *websocket.PreparedMessage) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for m := range h.groups[group] {
		select {
		case m.messages <- message:
		default:
			delete(h.groups[group], m)
			close(m.messages)
		}
	}
}

// The next message; false if there is none any more, or a text is none.
func read(connection *websocket.Conn) (int, []byte, bool) {
	kind, payload, failure := connection.ReadMessage()
	return kind, payload, failure == nil && (kind != websocket.TextMessage || utf8.Valid(payload))
}

func echo(connection *websocket.Conn) {
	for {
		kind, payload, good := read(connection)
		if !good || connection.WriteMessage(kind, payload) != nil {
			return
		}
	}
}

func (h *hub) broadcast(connection *websocket.Conn, group string) {
	m := &member{messages: make(chan *websocket.PreparedMessage, waiting)}
	h.join(group, m)
	defer h.leave(group, m)
	go func() {
		for message := range m.messages {
			if connection.WritePreparedMessage(message) != nil {
				break
			}
		}
		connection.Close()
	}()
	for {
		kind, payload, good := read(connection)
		if !good {
			return
		}
		if message, failure := websocket.NewPreparedMessage(kind, payload); failure == nil {
			h.publish(group, message)
		}
	}
}

func fail(failure error) {
	fmt.Fprintln(os.Stderr, "gorilla:", failure)
	os.Exit(1)
}

func main() {
	runtime.GOMAXPROCS(1)
	port, cert, key := "0", "", ""
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	for i := 1; i < len(os.Args); i++ {
		switch {
		case os.Args[i] == "--compress":
			upgrader.EnableCompression = true
		case os.Args[i] == "--port" && i+1 < len(os.Args):
			port = os.Args[i+1]
		case os.Args[i] == "--tls" && i+2 < len(os.Args):
			cert, key = os.Args[i+1], os.Args[i+2]
		}
	}
	all := &hub{groups: map[string]map[*member]bool{}}
	serve := func(talk func(*websocket.Conn, string)) http.HandlerFunc {
		return func(response http.ResponseWriter, request *http.Request) {
			connection, failure := upgrader.Upgrade(response, request, nil)
			if failure != nil {
				return // it has been answered
			}
			defer connection.Close()
			talk(connection, request.URL.Path)
		}
	}
	http.HandleFunc("/echo", serve(func(connection *websocket.Conn, _ string) { echo(connection) }))
	http.HandleFunc("/broadcast", serve(all.broadcast))
	http.HandleFunc("/broadcast/", serve(all.broadcast))
	listener, failure := net.Listen("tcp", "127.0.0.1:"+port)
	if failure != nil {
		fail(failure)
	}
	fmt.Println("listening on", listener.Addr())
	if cert != "" {
		fail(http.ServeTLS(listener, nil, cert, key))
	}
	fail(http.Serve(listener, nil))
}
