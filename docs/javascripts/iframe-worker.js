// Search in a site opened from disk: its worker, which browsers refuse there, runs in a hidden frame instead.
// The theme looks for a polyfill of this name, and its worker looks for IFrameWorker in the page around it.
"use strict"
if (location.protocol === "file:") {
  window.IFrameWorker = class extends EventTarget {
    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.documentElement.append(frame)
      const inside = frame.contentWindow
      const load = (address) =>
        new Promise((done, failed) => {
          const script = inside.document.createElement("script")
          script.src = new URL(address, location.href)
          script.onload = done
          script.onerror = failed
          inside.document.head.append(script)
        })
      // what a worker has, for the script in the frame
      inside.importScripts = async (...addresses) => {
        for (const address of addresses) await load(address)
      }
      inside.postMessage = (data) => this.#announce(data)
      this.frame = frame
      this.ready = load(url)
    }

    postMessage(data) {
      this.ready.then(() => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })))
    }

    terminate() {
      this.frame.remove()
    }

    #announce(data) {
      const event = new MessageEvent("message", { data })
      this.dispatchEvent(event)
      this.onmessage?.(event)
    }
  }
  window.Worker = window.IFrameWorker
}
