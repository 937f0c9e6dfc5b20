/** The datasets that are being sent. They outlive the page that began them. */

import { makeQueue } from "~/uploads/queue";
import { sendDataset } from "./send";

export const uploadQueue = makeQueue(sendDataset);
