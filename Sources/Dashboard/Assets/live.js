// Asks for the page again when the ledger has changed, and puts in what is new: parts with an id and `data-live`.
// Without this script each page is whole, and stands still.
'use strict'

const body = document.body
const state = document.getElementById('state')
const news = document.getElementById('news')
// Each part as the server sent it last.
const sent = new Map()
for (const part of document.querySelectorAll('[data-live]')) sent.set(part.id, part.innerHTML)
let isAsking = false
let isAsked = false

function payments() {
  return [...document.querySelectorAll('#payments li')]
}

// Which of the things that can have the focus it is, in its part.
const focusable = 'a, button, input, select, summary, [tabindex]'

function put(part, fresh) {
  const open = [...part.querySelectorAll('details')].map(details => details.open)
  const focused = [...part.querySelectorAll(focusable)].indexOf(document.activeElement)
  part.innerHTML = fresh
  part.querySelectorAll('details').forEach((details, index) => { if (open[index]) details.open = true })
  if (focused >= 0) {
    const found = part.querySelectorAll(focusable)
    const target = found[Math.min(focused, found.length - 1)]
    if (target) target.focus({ preventScroll: true })
  }
}

async function refresh() {
  if (isAsking) {
    isAsked = true
    return
  }
  isAsking = true
  try {
    const reply = await fetch(location.href, { cache: 'no-store', redirect: 'error' })
    if (!reply.ok) return
    const page = new DOMParser().parseFromString(await reply.text(), 'text/html')
    const before = new Set(payments().map(item => item.dataset.id))
    for (const fresh of page.querySelectorAll('[data-live]')) {
      const part = document.getElementById(fresh.id)
      if (!part || sent.get(fresh.id) === fresh.innerHTML) continue
      sent.set(fresh.id, fresh.innerHTML)
      put(part, fresh.innerHTML)
    }
    const fresh = payments().filter(item => !before.has(item.dataset.id))
    for (const item of fresh) item.classList.add('new')
    if (fresh.length > 0) news.textContent = fresh.map(item => item.dataset.say).join(' ')
  } catch {
    // The next change, or the next connection, asks again.
  } finally {
    isAsking = false
    if (isAsked) {
      isAsked = false
      refresh()
    }
  }
}

// What was asked for by a form is not asked for again.
if (document.querySelector('[data-live]') && !document.querySelector('form input[name=confirmed]')) {
  const events = new EventSource(body.dataset.events)
  let wasOpen = false
  events.addEventListener('open', () => {
    state.textContent = body.dataset.on
    state.className = 'soft on'
    // Something may have changed while nobody listened, or since the page was made.
    if (wasOpen) refresh()
    wasOpen = true
  })
  events.addEventListener('change', refresh)
  events.addEventListener('error', () => {
    state.textContent = body.dataset.off
    state.className = 'off'
  })
}
