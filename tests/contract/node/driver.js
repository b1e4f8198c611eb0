// Runs the npm package `flowdock`, unchanged, and does with it what the lines on stdin say.
//
//   {"number": 1, "session": ["token"]}                            a new session
//   {"number": 2, "on": 1, "call": "message", "args": ["id", "hi"]}   a call that answers by callback
//   {"number": 3, "on": 1, "stream": [["acme/main"], {"user": 1}]}    a stream: every event it emits is an answer
//
// Where the package talks to is told by its own environment variables alone. Streams stay open until stdin ends, because
// the package's own `stream.end()` throws on a Node of today.
'use strict'

const readline = require('readline')
const flowdock = require('flowdock')

const STREAM_EVENTS = ['connected', 'message', 'disconnected', 'clientError', 'reconnecting']

const sessions = new Map()

function tell (number, answer) {
  process.stdout.write(JSON.stringify({ number, ...answer }) + '\n')
}

function open (number, credentials) {
  const session = new flowdock.Session(...credentials)
  session.on('error', () => {}) // the callback hears of it too
  sessions.set(number, session)
  tell(number, { value: null })
}

function call (number, session, name, args) {
  session[name](...args, (error, value, response) => {
    if (error) {
      tell(number, { raised: error.message })
    } else {
      tell(number, { value, status: response.statusCode, headers: response.headers })
    }
  })
}

function follow (number, session, args) {
  const stream = session.stream(...args)
  for (const event of STREAM_EVENTS) {
    stream.on(event, (...value) => tell(number, { event, value }))
  }
}

readline.createInterface({ input: process.stdin }).on('line', line => {
  const request = JSON.parse(line)
  if (request.session) open(request.number, request.session)
  else if (request.call) call(request.number, sessions.get(request.on), request.call, request.args)
  else follow(request.number, sessions.get(request.on), request.stream)
}).on('close', () => process.exit(0))
